// The times of a certificate as the platforms write them, which is how OpenSSL prints an ASN1_TIME.

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec'

/** `Aug  5 09:36:04 2021 GMT`, as OpenSSL writes a time. `Date` takes a year below 100 for another one. */
const TIME = /^([A-Z][a-z]{2}) ([ \d]?\d) (\d{2}):(\d{2}):(\d{2}) ([1-9]\d{3}) GMT$/

/** Seconds since the epoch; `null`: it is no time. */
export function readTime(text: string | undefined): number | null {
  const [, month, day, hours, minutes, seconds, year] = TIME.exec(text ?? '') ?? []
  if (month === undefined) return null
  const index = MONTHS.indexOf(month)
  if (index < 0 || index % 3 !== 0) return null
  const [date, ...time] = [day, hours, minutes, seconds].map(Number) as [number, number, number, number]
  const ms = Date.UTC(Number(year), index / 3, date, ...time)
  return new Date(ms).getUTCDate() === date && time[0] < 24 && time[1] < 60 && time[2] < 60 ? ms / 1000 : null
}
