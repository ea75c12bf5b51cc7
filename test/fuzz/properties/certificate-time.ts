// The times of a client certificate: what our reader takes is the same second for `Date`, and it takes every time that
// OpenSSL writes.

import fc from 'fast-check'
import { readTime } from '../../../shared/sender/mtls/certificate-time.ts'
import { demand } from '../fixture.ts'
import { changeText, textChanges, type TextChange } from '../mutate.ts'
import { property } from '../property.ts'

const PIECES = [
  ' ', '  ', '\t', '\n', '0', '1', '9', '00', '29', '30', '31', '32', '24', '60', '61', ':', '.', '.5', '-', '+', 'Z', 'GMT', ' GMT', 'UTC', 'EST', 'gmt', 'Jan', 'Feb', 'feb', 'FEB', 'Sep', 'Sept', 'anF', 'J', 'Mon, ', 'AM', '0099', '1899', '10000', '٣', '\u00a0', 'x'.repeat(64_000), '1'.repeat(64_000), ' '.repeat(64_000),
] // prettier-ignore

interface Input {
  readonly seconds: number
  readonly text: readonly TextChange[]
}

/** `Aug  5 09:36:04 2021 GMT`: from the form of RFC 9110, `Thu, 05 Aug 2021 09:36:04 GMT`. */
function written(seconds: number): string {
  const [, day = '', month = '', year = '', time = ''] = new Date(seconds * 1000).toUTCString().split(' ')
  return `${month} ${day.replace(/^0/, ' ')} ${time} ${year} GMT`
}

const FIRST = Date.UTC(1950, 0, 1) / 1000
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000

/** @internal `read`: lets a test show that the property notices another reader. */
export const certificateTimeWith = (read: typeof readTime) =>
  property<Input>({
    name: 'time of a certificate',
    about: 'times as OpenSSL writes them, and with changes',
    input: fc.record({
      seconds: fc.integer({ min: FIRST, max: LAST }),
      text: fc.oneof(
        { weight: 1, arbitrary: fc.constant([]) },
        { weight: 3, arbitrary: textChanges(PIECES, 3) },
      ),
    }),
    mustSee: ['as written', 'another', 'refused'],
    async check({ seconds, text: changes }) {
      const good = written(seconds)
      const text = changeText(good, changes)
      const found = read(text)
      demand(text !== good || found === seconds, 'a time as OpenSSL writes it is read as another one')
      if (text === good) return 'as written'
      if (found === null) return 'refused'
      demand(Date.parse(text) === found * 1000, 'a time that Date reads as another one')
      const [day, expected] = [/ (.\d|\d) /.exec(text)?.[1], written(found)]
      demand(
        expected.replace(/ [ \d]\d /, ` ${day} `) === text && Number(day) === Number(expected.slice(4, 6)),
        'a time in a form of its own',
      )
      return 'another'
    },
  })

export const certificateTime = certificateTimeWith(readTime)
