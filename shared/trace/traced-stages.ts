// The stages of the pipeline, each recorded when it runs.

import { isFailure } from '../failures/failure.ts'
import type { Stages } from '../stages.ts'
import type { ReadToken, TokenReader } from '../token/token-reader.ts'
import type { Recorder } from './trace.ts'

/** Gets the token as its reader returned it. */
export type NoteToken = (token: ReadToken) => void

const traceReader = (reader: TokenReader, { runSlot }: Recorder, note: NoteToken): TokenReader => ({
  read(...about) {
    const read = runSlot('read', 'token', 'reading', () => reader.read(...about))
    const keep = (token: Awaited<typeof read>) => {
      if (!isFailure(token)) note(token)
      return token
    }
    return read instanceof Promise ? read.then(keep) : keep(read)
  },
  checkClaims: (...about) => runSlot('checkClaims', 'claims', 'claims', () => reader.checkClaims(...about)),
  completeClaims: reader.completeClaims,
})

export function traceStages(stages: Stages, recorder: Recorder, note: NoteToken): Stages {
  const { runSlot } = recorder
  return {
    readCredential: (request) =>
      runSlot('readCredential', 'credential', 'credential', () => stages.readCredential(request)),
    matchRoute: (request) => runSlot('matchRoute', 'route', 'match', () => stages.matchRoute(request)),
    checkAnswerable: (request) =>
      runSlot('checkAnswerable', 'route', 'policy resource', () => stages.checkAnswerable(request)),
    selectReader(credential, route) {
      const reader = runSlot('selectReader', 'token', 'reader', () => stages.selectReader(credential, route))
      return isFailure(reader) ? reader : traceReader(reader, recorder, note)
    },
    checkSender: (...about) =>
      runSlot('checkSender', 'sender', 'binding', () => stages.checkSender(...about)),
    checkRevocation: (...about) =>
      runSlot('checkRevocation', 'revocation', 'entries', () => stages.checkRevocation(...about)),
    toGrant: (...about) => runSlot('toGrant', 'grant', 'grant', () => stages.toGrant(...about)),
    checkPolicy: (...about) => runSlot('checkPolicy', 'policy', 'demand', () => stages.checkPolicy(...about)),
  }
}
