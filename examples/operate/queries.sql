-- Queries for Workers Analytics Engine, on the dataset that is bound as LANEKEEPER_ANALYTICS (here: lanekeeper).
-- Each statement is one request:
--
--   curl -s "https://api.cloudflare.com/client/v4/accounts/$ACCOUNT/analytics_engine/sql" \
--     -H "Authorization: Bearer $TOKEN" -d "SELECT ..."
--
-- blob1 event, blob2 outcome, blob3 code, blob4 blame, blob5 rule, blob6 issuer, blob7 client, blob8 method,
-- blob9 plan, blob10 version; double2 milliseconds, double3 fetches. A stored data point stands for _sample_interval
-- of them.
--
-- Analytics Engine sends no alarms. The queries called "alarm" return a row for each thing to act on, and nothing
-- otherwise: run them every five minutes from what you have for that, and raise an alarm where a row comes back.

-- alarm: IssuerFails, OperatorFails (docs/operating.md). A fault in three of the last five minutes.
SELECT blame, code, issuer, COUNT() AS minutes, SUM(counted) AS requests
FROM (
  SELECT blob4 AS blame, blob3 AS code, blob6 AS issuer, toStartOfInterval(timestamp, INTERVAL '1' MINUTE) AS minute,
    SUM(_sample_interval) AS counted
  FROM lanekeeper
  WHERE blob1 = 'decision' AND blob4 IN ('issuer', 'operator') AND timestamp > NOW() - INTERVAL '5' MINUTE
  GROUP BY blame, code, issuer, minute
)
GROUP BY blame, code, issuer
HAVING minutes >= 3
ORDER BY requests DESC;

-- alarm: KeysNotFetched, SecretNotLoaded, and the stores.
SELECT blob1 AS event, blob2 AS outcome, blob3 AS code, blob6 AS issuer, SUM(_sample_interval) AS events
FROM lanekeeper
WHERE blob1 IN ('keys', 'secret', 'revocation', 'replay') AND blob2 IN ('failed', 'full')
  AND timestamp > NOW() - INTERVAL '10' MINUTE
GROUP BY event, outcome, code, issuer
ORDER BY events DESC;

-- alarm: OriginFails. The Worker allowed the request and could not send it on: in three of the last five minutes.
SELECT code, COUNT() AS minutes, SUM(counted) AS requests
FROM (
  SELECT blob3 AS code, toStartOfInterval(timestamp, INTERVAL '1' MINUTE) AS minute, SUM(_sample_interval) AS counted
  FROM lanekeeper
  WHERE blob1 = 'origin' AND blob2 = 'failed' AND timestamp > NOW() - INTERVAL '5' MINUTE
  GROUP BY code, minute
)
GROUP BY code
HAVING minutes >= 3
ORDER BY requests DESC;

-- alarm: RefusalShare. Most tokens of the last quarter of an hour were refused. Clients can cause it: a ticket.
SELECT decisions, refused, 100 * refused / decisions AS percent
FROM (
  SELECT SUM(_sample_interval) AS decisions, SUM(if(blob2 = 'deny', _sample_interval, 0)) AS refused
  FROM lanekeeper
  WHERE blob1 = 'decision' AND timestamp > NOW() - INTERVAL '15' MINUTE
    AND blob3 IN ('access_token', 'token_kind_unproven', 'audience_mismatch', 'issuer_unknown', 'key_unknown',
      'signature_invalid', 'token_expired', 'insufficient_scope')
)
WHERE decisions >= 150 AND 2 * refused >= decisions;

-- dashboard: decisions over the last day, by outcome.
SELECT toStartOfInterval(timestamp, INTERVAL '15' MINUTE) AS time, blob2 AS outcome,
  SUM(_sample_interval) AS decisions
FROM lanekeeper
WHERE blob1 = 'decision' AND timestamp > NOW() - INTERVAL '1' DAY
GROUP BY time, outcome
ORDER BY time, outcome;

-- dashboard: refusals of the last hour, by rule, code and client.
SELECT blob5 AS rule, blob3 AS code, blob6 AS issuer, blob7 AS client, SUM(_sample_interval) AS requests
FROM lanekeeper
WHERE blob2 = 'deny' AND timestamp > NOW() - INTERVAL '1' HOUR
GROUP BY rule, code, issuer, client
ORDER BY requests DESC
LIMIT 50;

-- dashboard: milliseconds and fetches of allowed decisions. Workers stop the clock between one network access and the
-- next, so the milliseconds are those of waiting.
SELECT blob6 AS issuer, SUM(_sample_interval) AS decisions,
  quantileExactWeighted(0.5)(double2, _sample_interval) AS median,
  quantileExactWeighted(0.99)(double2, _sample_interval) AS p99,
  SUM(_sample_interval * double3) / SUM(_sample_interval) AS fetches
FROM lanekeeper
WHERE blob1 = 'decision' AND blob2 = 'allow' AND timestamp > NOW() - INTERVAL '1' HOUR
GROUP BY issuer
ORDER BY decisions DESC;

-- which configuration and version answers, and since when.
SELECT blob9 AS plan, blob10 AS version, MIN(timestamp) AS first_seen, MAX(timestamp) AS last_seen,
  SUM(_sample_interval) AS decisions, SUM(if(blob2 = 'deny', _sample_interval, 0)) AS refused
FROM lanekeeper
WHERE blob1 = 'decision' AND timestamp > NOW() - INTERVAL '1' DAY
GROUP BY plan, version
ORDER BY last_seen DESC;

-- report-only: what would be refused, over the last week. The detail (nearest, looks_like) is in the log alone.
SELECT blob5 AS rule, blob3 AS code, blob4 AS blame, blob7 AS client, SUM(_sample_interval) AS requests
FROM lanekeeper
WHERE blob2 = 'would_deny' AND timestamp > NOW() - INTERVAL '7' DAY
GROUP BY rule, code, blame, client
ORDER BY requests DESC;
