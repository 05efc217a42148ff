//! `records.parquet`, written in several groups and read back by the Parquet library.

use bytes::Bytes;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use zhunsheng_model::{Kind, Reason, State};
use zhunsheng_report::ReportError;
use zhunsheng_report::records::{
    EncodedGroup, RecordRow, RecordRows, RecordState, RecordsEncoder, RecordsFile, RecordsReader, read_person,
};

/// Records of the groups: one that needs several pages, a small one, one without any mention.
const GROUPS: [u64; 4] = [70_000, 1, 37, 5];
const RECORDS: u64 = 70_043;

fn hash(record: u64, mention: u64) -> [u8; 16] {
    let mut hash = [7; 16];
    hash[..8].copy_from_slice(&record.to_le_bytes());
    hash[8] = mention as u8;
    hash
}

/// Record `record` (from 1): 0 to 3 mentions, and one with very many.
fn push(rows: &mut RecordRows, record: u64) {
    let file = ["员工.xlsx", "b.zip!c/d.csv"][usize::from(record % 7_000 > 3_000)];
    let state = RecordState::ALL[(record % 11 % 3) as usize];
    let role = u8::from(record.is_multiple_of(13));
    match record % 3 {
        0 => rows.push_record(file, "", record, role, state),
        _ => rows.push_record(file, format_args!("sheet 员工花名册 row {record}"), record * 3, role, state),
    }
    for mention in 0..mentions(record) {
        let (kind, state) = match mention % 3 {
            0 => (Kind::Person, State::Valid),
            1 => (
                Kind::CnId,
                if record.is_multiple_of(2) { State::Valid } else { State::Invalid(Reason::WrongCheck) },
            ),
            _ => (Kind::Phone, State::Masked),
        };
        rows.push_mention(kind, state, hash(record, mention), &format!("遮{mention}*"));
    }
}

fn mentions(record: u64) -> u64 {
    if record > RECORDS - 5 {
        0
    } else if record == 5_000 {
        900
    } else {
        record % 4
    }
}

fn person(record: u64) -> u32 {
    if record.is_multiple_of(10) { 0 } else { (record % 1_000 + 1) as u32 }
}

fn tier(record: u64) -> u8 {
    [0, 3, 4, 5][(record % 4) as usize]
}

fn repeat_of(record: u64) -> u32 {
    if record % 50 == 49 { (record - 7) as u32 } else { 0 }
}

fn late() -> (Vec<u32>, Vec<u8>, Vec<u32>) {
    let records = 1..=RECORDS;
    (
        records.clone().map(person).collect(),
        records.clone().map(tier).collect(),
        records.map(repeat_of).collect(),
    )
}

fn groups() -> Vec<EncodedGroup> {
    let mut encoder = RecordsEncoder::new().unwrap();
    let mut rows = RecordRows::new();
    let mut record = 0;
    let encoded = GROUPS.map(|size| {
        rows.clear();
        for _ in 0..size {
            record += 1;
            push(&mut rows, record);
        }
        encoder.encode(&rows).unwrap()
    });
    encoded.into()
}

fn whole() -> Bytes {
    let mut file = RecordsFile::new(Vec::new()).unwrap();
    groups().into_iter().for_each(|group| file.append(group).unwrap());
    assert_eq!(file.rows(), RECORDS);
    let (person, tier, repeat_of) = late();
    Bytes::from(file.finish(&person, &tier, &repeat_of).unwrap())
}

/// What the file should say about a record.
fn expected(record: u64) -> RecordRow {
    let mut rows = RecordRows::new();
    push(&mut rows, record);
    let kinds: &[Kind] = match (mentions(record), record % 2) {
        (0, _) => &[],
        (1, _) | (_, 1) => &[Kind::Person],
        _ => &[Kind::Person, Kind::CnId],
    };
    let mentions = (0..mentions(record)).map(|mention| {
        let (kind, state, valid) = match mention % 3 {
            0 => ("PERSON", "valid", true),
            1 if record.is_multiple_of(2) => ("CN_ID", "valid", true),
            1 => ("CN_ID", "invalid:wrong_check", false),
            _ => ("PHONE", "masked", false),
        };
        zhunsheng_report::records::MentionRow {
            kind: kind.to_owned(),
            state: state.to_owned(),
            hash: valid.then(|| hash(record, mention)),
            masked: format!("遮{mention}*"),
        }
    });
    RecordRow {
        record,
        file: ["员工.xlsx", "b.zip!c/d.csv"][usize::from(record % 7_000 > 3_000)].to_owned(),
        place: (!record.is_multiple_of(3)).then(|| format!("sheet 员工花名册 row {record}")),
        row: if record.is_multiple_of(3) { record } else { record * 3 },
        role: u32::from(record.is_multiple_of(13)),
        state: ["valid", "invalid", "masked"][(record % 11 % 3) as usize].to_owned(),
        kinds: kinds.iter().map(|kind| kind.id()).collect::<Vec<_>>().join(","),
        mentions: mentions.collect(),
        person: Some(u64::from(person(record))).filter(|person| *person != 0),
        tier: Some(u32::from(tier(record))).filter(|tier| *tier != 0),
        repeat_of: Some(u64::from(repeat_of(record))).filter(|record| *record != 0),
    }
}

#[test]
fn every_record_comes_back_as_it_was_written() {
    let reader = RecordsReader::new(whole()).unwrap();
    assert_eq!(reader.rows(), RECORDS);
    let mut numbers: Vec<u64> = (1..RECORDS).step_by(97).chain([5_000]).chain(65_530..65_545).collect();
    numbers.extend(69_990..=RECORDS);
    numbers.sort_unstable();
    numbers.dedup();
    let found = reader.records(&numbers).unwrap();
    assert_eq!(found.len(), numbers.len());
    for (found, number) in found.iter().zip(&numbers) {
        assert_eq!(*found, expected(*number));
    }
    assert_eq!(reader.records(&[RECORDS + 1]).unwrap(), []);
}

#[test]
fn a_person_is_found_with_all_records_and_no_other() {
    let file = whole();
    for wanted in [2, 38, 1_000] {
        let found = read_person(file.clone(), u64::from(wanted)).unwrap();
        let expected: Vec<RecordRow> =
            (1..=RECORDS).filter(|record| person(*record) == wanted).map(expected).collect();
        assert!(expected.len() > 60);
        assert_eq!(found, expected);
    }
    assert_eq!(read_person(file.clone(), 0).unwrap(), []);
    assert_eq!(read_person(file.clone(), 1_001).unwrap(), []);
    assert_eq!(read_person(file, u64::MAX).unwrap(), []);
}

#[test]
fn a_hash_leads_to_the_records_that_hold_it() {
    let reader = RecordsReader::new(whole()).unwrap();
    // Mention 0 of record 9 and mention 897 of the record with very many are valid.
    let keys = [hash(9, 0), hash(5_000, 897), hash(70_001, 0)].into();
    assert_eq!(reader.holders(&keys).unwrap(), [9, 5_000, 70_001]);
    // Mention 1 of an odd record is invalid, so that its hash is not kept.
    assert_eq!(reader.holders(&[hash(3, 1)].into()).unwrap(), Vec::<u64>::new());
}

#[test]
fn the_row_reader_of_the_library_sees_the_same() {
    let reader = SerializedFileReader::new(whole()).unwrap();
    assert_eq!(reader.metadata().num_row_groups(), GROUPS.len());
    let mut sum = 0;
    for row in reader.get_row_iter(None).unwrap() {
        let row = row.unwrap();
        let record = row.get_long(0).unwrap() as u64;
        sum += record;
        assert_eq!(row.get_list(7).unwrap().len() as u64, mentions(record));
    }
    assert_eq!(sum, RECORDS * (RECORDS + 1) / 2);
}

#[test]
fn a_file_that_was_left_and_taken_up_again_is_the_same_file() {
    let mut groups = groups().into_iter();
    let mut first = RecordsFile::new(Vec::new()).unwrap();
    groups.by_ref().take(2).for_each(|group| first.append(group).unwrap());
    let saved = first.save().unwrap();
    let position = first.position() as usize;
    // The file on disk may hold more than was saved.
    first.append(groups.next().unwrap()).unwrap();
    let (person, tier, repeat_of) = late();
    let complete = whole();
    let mut on_disk = complete[..position].to_vec();

    let mut second = RecordsFile::resume(&mut on_disk, &saved).unwrap();
    let mut again = self::groups().into_iter().skip(2);
    again.by_ref().for_each(|group| second.append(group).unwrap());
    second.finish(&person, &tier, &repeat_of).unwrap();
    assert_eq!(on_disk, complete);
}

#[test]
fn a_damaged_state_is_refused() {
    let mut file = RecordsFile::new(Vec::new()).unwrap();
    groups().into_iter().for_each(|group| file.append(group).unwrap());
    let saved = String::from_utf8(file.save().unwrap()).unwrap();
    for damaged in
        ["", "{}", &saved.replace("records/1", "records/0"), &saved.replace("\"rows\":70043", "\"rows\":1")]
    {
        assert!(matches!(RecordsFile::resume(Vec::new(), damaged.as_bytes()), Err(ReportError::State(_))));
    }
    assert!(RecordsFile::resume(Vec::new(), saved.as_bytes()).is_ok());
}

#[test]
fn columns_of_the_wrong_length_are_refused() {
    let finish = |person: usize, tier: usize| {
        let mut file = RecordsFile::new(Vec::new()).unwrap();
        groups().into_iter().for_each(|group| file.append(group).unwrap());
        file.finish(&vec![1; person], &vec![5; tier], &vec![0; RECORDS as usize]).map(|_| ())
    };
    let records = RECORDS as usize;
    assert!(finish(records, records).is_ok());
    assert!(matches!(finish(records - 1, records), Err(ReportError::WrongLength { column: "person", .. })));
    assert!(matches!(finish(records, records + 1), Err(ReportError::WrongLength { column: "tier", .. })));
}

#[test]
fn a_file_without_a_record_and_one_without_a_person_can_be_read() {
    let empty = Bytes::from(RecordsFile::new(Vec::new()).unwrap().finish(&[], &[], &[]).unwrap());
    assert_eq!(RecordsReader::new(empty).unwrap().rows(), 0);
    let mut file = RecordsFile::new(Vec::new()).unwrap();
    groups().into_iter().for_each(|group| file.append(group).unwrap());
    let none = vec![0; RECORDS as usize];
    let bytes = Bytes::from(file.finish(&none, &vec![0; RECORDS as usize], &none).unwrap());
    let reader = RecordsReader::new(bytes).unwrap();
    let found = reader.records(&[1, RECORDS]).unwrap();
    assert!(found.iter().all(|row| row.person.is_none() && row.tier.is_none() && row.repeat_of.is_none()));
    assert_eq!(reader.person(1).unwrap(), []);
}

#[test]
fn the_bytes_do_not_depend_on_the_encoder_having_been_used_before() {
    let mut rows = RecordRows::new();
    (1..=500).for_each(|record| push(&mut rows, record));
    let bytes = |encoder: &mut RecordsEncoder| {
        let mut file = RecordsFile::new(Vec::new()).unwrap();
        file.append(encoder.encode(&rows).unwrap()).unwrap();
        file.finish(&[1; 500], &[5; 500], &[0; 500]).unwrap()
    };
    let mut used = RecordsEncoder::new().unwrap();
    let first = bytes(&mut used);
    assert_eq!(first, bytes(&mut used));
    assert_eq!(first, bytes(&mut RecordsEncoder::new().unwrap()));
}

#[test]
fn another_parquet_file_is_refused() {
    let other = b"PAR1 this is no parquet file PAR1";
    assert!(RecordsReader::new(Bytes::from_static(other)).is_err());
}
