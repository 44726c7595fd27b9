//! A set of pairs of numbers that is cleared in constant time.

/// A hash table in which only keys with the current stamp count.
pub struct Seen {
    keys: Vec<u64>,
    stamps: Vec<u32>,
    stamp: u32,
    len: usize,
}

impl Default for Seen {
    fn default() -> Seen {
        Seen { keys: vec![0; 64], stamps: vec![0; 64], stamp: 1, len: 0 }
    }
}

impl Seen {
    pub fn clear(&mut self) {
        self.len = 0;
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.stamps.iter_mut().for_each(|stamp| *stamp = 0);
            self.stamp = 1;
        }
    }

    /// Insert a pair; whether it is new.
    pub fn insert(&mut self, first: u32, second: u32) -> bool {
        if self.len * 2 >= self.keys.len() {
            self.grow();
        }
        self.put(u64::from(first) << 32 | u64::from(second))
    }

    fn put(&mut self, key: u64) -> bool {
        let mask = self.keys.len() - 1;
        let mut at = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & mask;
        while self.stamps[at] == self.stamp {
            if self.keys[at] == key {
                return false;
            }
            at = (at + 1) & mask;
        }
        self.keys[at] = key;
        self.stamps[at] = self.stamp;
        self.len += 1;
        true
    }

    fn grow(&mut self) {
        let size = self.keys.len() * 2;
        let keys = std::mem::replace(&mut self.keys, vec![0; size]);
        let stamps = std::mem::replace(&mut self.stamps, vec![0; size]);
        self.len = 0;
        for (key, stamp) in keys.into_iter().zip(stamps) {
            if stamp == self.stamp {
                self.put(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;

    #[test]
    fn a_pair_is_new_once_and_again_after_clearing() {
        let mut seen = Seen::default();
        for _ in 0..3 {
            for number in 0..1000 {
                assert!(seen.insert(number, number % 7));
                assert!(!seen.insert(number, number % 7));
                assert!(seen.insert(number, 7));
            }
            seen.clear();
        }
    }

    #[test]
    fn stamps_start_again_after_the_last() {
        let mut seen = Seen::default();
        seen.insert(1, 1);
        seen.stamp = u32::MAX;
        seen.insert(2, 2);
        seen.clear();
        assert_eq!(seen.stamp, 1);
        assert!(seen.insert(1, 1) && seen.insert(2, 2));
    }
}
