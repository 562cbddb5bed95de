use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// An IDX file of unsigned bytes, put together as the format's table says.
fn idx(sizes: &[u32], items: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, sizes.len() as u8];
    for size in sizes {
        file.extend(size.to_be_bytes());
    }
    file.extend(items);
    file
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn three_images() -> Vec<u8> {
    idx(&[3, 2, 4], &(0..24).collect::<Vec<u8>>())
}

fn read(bytes: &[u8]) -> Result<Vec<[[u8; 4]; 2]>, DatasetError> {
    images_from(bytes, "images.gz")
}

fn message(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

#[test]
fn images_and_labels_plain_and_compressed() {
    let expected =
        [[[0, 1, 2, 3], [4, 5, 6, 7]], [[8, 9, 10, 11], [12, 13, 14, 15]], [[16, 17, 18, 19], [20, 21, 22, 23]]];
    assert_eq!(read(&three_images()).unwrap(), expected);
    assert_eq!(read(&gzip(&three_images())).unwrap(), expected);

    let file = idx(&[5], &[3, 1, 4, 1, 5]);
    assert_eq!(labels_from(&file[..], "labels").unwrap(), [3, 1, 4, 1, 5]);
    assert_eq!(labels_from(&gzip(&file)[..], "labels").unwrap(), [3, 1, 4, 1, 5]);
    assert_eq!(read(&idx(&[0, 2, 4], &[])).unwrap(), [[[0; 4]; 2]; 0]);
}

#[test]
fn files_are_read_by_what_they_hold_not_by_their_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.gz");
    std::fs::write(&path, three_images()).unwrap();
    assert_eq!(images::<2, 4>(&path).unwrap().len(), 3);
    let path = folder.path().join("compressed");
    std::fs::write(&path, gzip(&idx(&[2], &[7, 8]))).unwrap();
    assert_eq!(labels(&path).unwrap(), [7, 8]);
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let error = labels("no/such/file").unwrap_err();
    assert!(error.to_string().starts_with("no/such/file: "), "{error}");
}

#[test]
fn each_fault_has_its_message() {
    let file = three_images();
    assert_eq!(
        message(&idx(&[3], &[0, 1, 2])),
        "images.gz: expected the magic number 0x00000803 (unsigned bytes, 3 dimensions), \
         found 0x00000801 (unsigned bytes, 1 dimension)"
    );
    assert!(message(b"<html><body>404").ends_with("found 0x3c68746d (not an IDX file)"));
    assert!(message(&gzip(&gzip(&file))).ends_with("(gzip data inside gzip data)"));
    assert_eq!(message(&idx(&[3, 28, 4], &[])), "images.gz: expected a height of 2 pixels, found 28");
    assert_eq!(message(&idx(&[3, 2, 5], &[])), "images.gz: expected a width of 4 pixels, found 5");
    assert_eq!(
        message(&file[..9]),
        "images.gz: truncated: expected 16 bytes of header, found 9; delete the file and get it again"
    );
    assert_eq!(
        message(&file[..20]),
        "images.gz: truncated: expected 24 bytes of images, found 4; delete the file and get it again"
    );
    assert!(message(&[]).contains("expected 16 bytes of header, found 0"));
    let long = [&file[..], &[0]].concat();
    assert_eq!(message(&long), "images.gz: expected the file to end after 24 bytes of images, found more");
    assert!(message(&gzip(&long)).contains("found more"));
}

/// 4,294,967,295 images in sixteen bytes: refused by what is there, before any memory is taken for them.
#[test]
#[cfg(target_pointer_width = "64")]
fn a_header_that_lies_costs_nothing() {
    assert!(message(&idx(&[u32::MAX, 2, 4], &[])).contains("found 0"));
    let file = idx(&[u32::MAX, 60_000, 60_000], &[]);
    let error = images_from::<60_000, 60_000>(&file[..], "huge").unwrap_err();
    assert!(matches!(error, DatasetError::TooLarge { count: u32::MAX, item: 3_600_000_000, .. }), "{error}");
}

#[test]
fn a_damaged_checksum_is_noticed() {
    let mut file = gzip(&three_images());
    let crc = file.len() - 8;
    file[crc] ^= 1;
    assert!(message(&file).contains("gzip data are damaged"), "{}", message(&file));
}

#[test]
fn every_truncation_is_an_error() {
    for file in [three_images(), gzip(&three_images())] {
        for end in 0..file.len() {
            let error = read(&file[..end]).unwrap_err();
            assert!(matches!(error, DatasetError::Truncated { .. } | DatasetError::Gzip { .. }), "{end}: {error}");
        }
        read(&file).unwrap();
    }
}

/// Every bit of a plain file's header matters, and no change of any byte makes the reader panic.
#[test]
fn every_flipped_bit_of_a_header_is_an_error() {
    let file = three_images();
    for bit in 0..16 * 8 {
        let mut file = file.clone();
        file[bit / 8] ^= 1 << (bit % 8);
        assert!(read(&file).is_err(), "bit {bit}");
        assert!(read(&gzip(&file)).is_err(), "bit {bit}, compressed");
    }
}

#[test]
fn no_bytes_make_it_panic() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let seeds = [three_images(), gzip(&three_images()), idx(&[4], &[1, 2, 3, 4]), Vec::new()];
    for round in 0..20_000 {
        let mut file = seeds[round % seeds.len()].clone();
        for _ in 0..1 + random() % 4 {
            let place = random() as usize;
            match random() % 3 {
                0 if !file.is_empty() => {
                    let place = place % file.len();
                    file[place] = random() as u8;
                }
                1 => file.truncate(place % (file.len() + 1)),
                _ => file.insert(place % (file.len() + 1), random() as u8),
            }
        }
        // What is read must be what the header says; anything else must be an error, and nothing may panic.
        if let Ok(images) = read(&file) {
            assert!(file[0] == 0x1f || file.len() == 16 + 8 * images.len());
        }
        if let Ok(labels) = labels_from(&file[..], "labels") {
            assert!(file[0] == 0x1f || file.len() == 8 + labels.len());
        }
    }
}
