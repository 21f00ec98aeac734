/**
 * `forwarding.sqlite`. The counts of a study are kept by triggers: they are always those of its instances.
 * States of a delivery: `waiting`, `sending`, `later` (again after `notBefore`), `held` (its rule is paused), `delivered`, `refused` (set aside).
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY,
    destination TEXT NOT NULL, SOPInstanceUID TEXT NOT NULL, StudyInstanceUID TEXT NOT NULL,
    rule TEXT NOT NULL, priority INTEGER NOT NULL, form TEXT NOT NULL,
    SOPClassUID TEXT NOT NULL, transferSyntaxUID TEXT NOT NULL, sha256 TEXT NOT NULL,
    sizeBytes INTEGER NOT NULL, datasetOffsetBytes INTEGER NOT NULL, receivedAt TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, notBefore INTEGER NOT NULL DEFAULT 0,
    code TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '', settledAt TEXT NOT NULL DEFAULT '',
    UNIQUE (destination, SOPInstanceUID)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS deliveryByStudy ON delivery (destination, StudyInstanceUID, state);
  CREATE INDEX IF NOT EXISTS deliveryLater ON delivery (notBefore) WHERE state = 'later';
  CREATE INDEX IF NOT EXISTS deliveryOpenByRule ON delivery (rule) WHERE state <> 'delivered';
  CREATE INDEX IF NOT EXISTS deliveryOpen ON delivery (destination) WHERE state <> 'delivered';
  CREATE INDEX IF NOT EXISTS deliveryDone ON delivery (settledAt) WHERE state = 'delivered';

  CREATE TABLE IF NOT EXISTS study (
    destination TEXT NOT NULL, StudyInstanceUID TEXT NOT NULL,
    priority INTEGER NOT NULL, newestAt TEXT NOT NULL, changedAt TEXT NOT NULL DEFAULT '',
    expected INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, waiting INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0, unaudited INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (destination, StudyInstanceUID)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS studyNewest ON study (destination, priority, newestAt) WHERE waiting > 0;
  CREATE INDEX IF NOT EXISTS studyOldest ON study (destination, newestAt) WHERE waiting > 0;
  CREATE INDEX IF NOT EXISTS studyOpen ON study (destination) WHERE delivered < expected;
  CREATE INDEX IF NOT EXISTS studyUnaudited ON study (changedAt) WHERE unaudited > 0;
  CREATE INDEX IF NOT EXISTS studyByTime ON study (newestAt);

  CREATE TRIGGER IF NOT EXISTS delivery_insert AFTER INSERT ON delivery BEGIN
    INSERT INTO study (destination, StudyInstanceUID, priority, newestAt) VALUES (new.destination, new.StudyInstanceUID, new.priority, new.receivedAt)
      ON CONFLICT DO UPDATE SET priority = max(priority, excluded.priority), newestAt = max(newestAt, excluded.newestAt);
    UPDATE study SET expected = expected + 1, bytes = bytes + new.sizeBytes, waiting = waiting + (new.state = 'waiting')
      WHERE destination = new.destination AND StudyInstanceUID = new.StudyInstanceUID;
  END;
  CREATE TRIGGER IF NOT EXISTS delivery_update AFTER UPDATE OF state ON delivery WHEN old.state <> new.state BEGIN
    UPDATE study SET
        waiting = waiting - (old.state = 'waiting') + (new.state = 'waiting'),
        delivered = delivered - (old.state = 'delivered') + (new.state = 'delivered'),
        refused = refused - (old.state = 'refused') + (new.state = 'refused'),
        unaudited = unaudited + (new.state = 'delivered'),
        changedAt = CASE new.settledAt WHEN '' THEN changedAt ELSE new.settledAt END
      WHERE destination = new.destination AND StudyInstanceUID = new.StudyInstanceUID;
  END;
  CREATE TRIGGER IF NOT EXISTS delivery_delete AFTER DELETE ON delivery WHEN old.state <> 'delivered' BEGIN
    UPDATE study SET
        expected = expected - 1, bytes = bytes - old.sizeBytes,
        waiting = waiting - (old.state = 'waiting'), refused = refused - (old.state = 'refused')
      WHERE destination = old.destination AND StudyInstanceUID = old.StudyInstanceUID;
    DELETE FROM study WHERE destination = old.destination AND StudyInstanceUID = old.StudyInstanceUID AND expected = 0;
  END;
`;
