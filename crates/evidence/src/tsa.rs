//! Time-stamps by RFC 3161: asks an authority over HTTP, and checks that the answer stamps what was asked.
//!
//! Only a hash goes out. The authority's signature is checked by whoever relies on it, with its certificates
//! (`openssl ts -verify`).

use crate::error::{EvidenceError, Result};
use crate::key::Random;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;
use zhunsheng_verify::{Algorithm, SHA256_OID, imprint};

/// Sends a request to a URL and gives the body of the answer; handed in, so that tests need no network.
pub type Post = fn(url: &str, body: &[u8]) -> Result<Vec<u8>>;

/// Longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 1 << 20;
const PATIENCE: Duration = Duration::from_secs(30);

/// A `TimeStampReq` for a SHA-256 hash: version 1, with nonce, asking for the certificate.
pub fn request(hash: &[u8; 32], nonce: [u8; 8]) -> Vec<u8> {
    let der = |tag: u8, parts: &[&[u8]]| -> Vec<u8> {
        let content = parts.concat();
        // Nothing in a request reaches 128 bytes, so one byte says the length.
        [&[tag, content.len() as u8], content.as_slice()].concat()
    };
    let function = der(0x30, &[&der(6, &[SHA256_OID]), &[5, 0]]);
    let imprint = der(0x30, &[&function, &der(4, &[hash])]);
    der(0x30, &[&[2, 1, 1], &imprint, &der(2, &[&integer(nonce)]), &[1, 1, 0xff]])
}

/// A positive whole number as DER wants it: no needless zero in front, no leading one bit.
fn integer(number: [u8; 8]) -> Vec<u8> {
    let number: Vec<u8> = number.into_iter().skip_while(|byte| *byte == 0).collect();
    match number.first() {
        Some(first) if *first < 0x80 => number,
        _ => [&[0], number.as_slice()].concat(),
    }
}

/// Asks the authority at `url` to stamp `content`; gives its whole answer (`TimeStampResp`).
///
/// # Errors
/// [`EvidenceError::TimeStamp`] when it cannot be reached, refuses, or stamps something else.
pub fn stamp(url: &str, content: &[u8], post: Post, random: Random) -> Result<Vec<u8>> {
    let hash = Algorithm::Sha256.hash(&[content]);
    let mut nonce = [0; 8];
    random(&mut nonce)?;
    let answer = post(url, &request(&hash, nonce))?;
    let refused = || EvidenceError::TimeStamp("it refused, or its answer cannot be read".to_owned());
    let found = imprint(&answer).ok_or_else(refused)?;
    if found.function != SHA256_OID || found.hash != hash || found.nonce != Some(integer(nonce)) {
        return Err(EvidenceError::TimeStamp("its answer stamps something else".to_owned()));
    }
    Ok(answer)
}

/// Sends a time-stamp request by HTTP/1.1 without TLS, which authorities offer because answers are signed.
///
/// # Errors
/// [`EvidenceError::TimeStamp`] when the URL is not `http://…`, the authority cannot be reached within half a
/// minute, or its answer is not one of success.
pub fn http_post(url: &str, body: &[u8]) -> Result<Vec<u8>> {
    let bad = |message: String| EvidenceError::TimeStamp(message);
    let rest =
        url.strip_prefix("http://").ok_or_else(|| bad("the address must begin with `http://`".into()))?;
    let (host, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
    let unsafe_text = |text: &str| text.bytes().any(|byte| byte <= b' ' || byte == 0x7f);
    if host.is_empty() || unsafe_text(host) || unsafe_text(path) || host.contains('@') {
        return Err(bad("the address cannot be read".into()));
    }
    let target = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let failed = |error: std::io::Error| EvidenceError::TimeStamp(format!("`{host}`: {error}"));
    let address =
        target.to_socket_addrs().map_err(failed)?.next().ok_or_else(|| bad(format!("no `{host}`")))?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(failed)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(failed)?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/timestamp-query\r\n\
         Accept: application/timestamp-reply\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).map_err(failed)?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).map_err(failed)?;
    body_of(&answer).ok_or_else(|| bad(format!("`{host}` did not answer with success")))
}

/// The body of an HTTP answer with status 200.
fn body_of(answer: &[u8]) -> Option<Vec<u8>> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = answer.split_at_checked(end)?;
    let body = body.get(4..)?;
    let head = String::from_utf8_lossy(head).to_lowercase();
    let mut lines = head.split("\r\n");
    (lines.next()?.split(' ').nth(1)? == "200").then_some(())?;
    let header = |name: &str| {
        head.split("\r\n")
            .find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim().to_owned()))
    };
    if header("transfer-encoding").is_some_and(|value| value == "chunked") {
        return unchunk(body);
    }
    match header("content-length") {
        Some(length) => body.get(..length.parse().ok()?).map(<[u8]>::to_vec),
        None => Some(body.to_vec()),
    }
}

fn unchunk(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let line = body.windows(2).position(|window| window == b"\r\n")?;
        let (length, rest) = body.split_at_checked(line)?;
        let length = std::str::from_utf8(length).ok()?.split(';').next()?.trim().to_owned();
        let length = usize::from_str_radix(&length, 16).ok()?;
        let (chunk, rest) = rest.get(2..)?.split_at_checked(length)?;
        if length == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(chunk);
        body = rest.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_the_one_way_of_der() {
        assert_eq!(integer([0, 0, 0, 0, 0, 0, 0, 0]), [0]);
        assert_eq!(integer([0, 0, 0, 0, 0, 0, 0, 0x7f]), [0x7f]);
        assert_eq!(integer([0, 0, 0, 0, 0, 0, 0, 0x80]), [0, 0x80]);
        assert_eq!(integer([0xff; 8]), [&[0][..], &[0xff; 8]].concat());
    }

    #[test]
    fn bodies_of_answers() {
        assert_eq!(body_of(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc").unwrap(), b"ab");
        assert_eq!(body_of(b"HTTP/1.0 200 OK\r\n\r\nabc").unwrap(), b"abc");
        let chunked =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n";
        assert_eq!(body_of(chunked).unwrap(), b"abc");
        assert_eq!(body_of(b"HTTP/1.1 500 no\r\n\r\nabc"), None);
        assert_eq!(body_of(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), None);
        assert_eq!(body_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab\r\n"), None);
    }

    #[test]
    fn addresses_that_cannot_be_asked() {
        for url in
            ["https://a.example/", "ftp://a", "http://", "http://a b/", "http://u@a/", "http://a/x\r\ny"]
        {
            assert!(http_post(url, b"").is_err(), "{url}");
        }
    }
}
