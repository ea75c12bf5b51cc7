// What would change the verdict, and whose move it is. The first move is the likeliest.

import { FAILURES, type FailureCode } from '../../shared/index.ts'
import type { Facts } from './facts.ts'
import type { FindMoves, Move } from './move.ts'
import { keptMoves } from './kept-moves.ts'
import type { LogFindings } from './log.ts'
import { REQUEST_MOVES } from './request-moves.ts'
import { SENDER_MOVES } from './sender-moves.ts'
import { TOKEN_MOVES } from './token-moves.ts'

const MOVES: Readonly<Record<FailureCode, FindMoves>> = {
  ...REQUEST_MOVES,
  ...TOKEN_MOVES,
  ...SENDER_MOVES,
}

const HOLDERS = { client: 'client', issuer: 'issuer', operator: 'you' } as const

/** Whose move it is first: that of the move on top, or of whom the code blames. */
export const whoseMove = ({ deny }: Facts, moves: readonly Move[]): Move['who'] | null =>
  moves[0]?.who ?? (deny === null ? null : HOLDERS[deny.blame ?? FAILURES[deny.code].blame])

/** `log`: what the log says of the token; `null`: no log is given. */
export function toMoves(facts: Facts, log: LogFindings | null): readonly Move[] {
  const { deny, unchecked } = facts
  return [
    ...(deny === null ? [] : MOVES[deny.code](facts)),
    ...keptMoves(facts, log),
    ...[...new Set(unchecked.map(({ because }) => because))].map((because): Move => ({
      who: 'you',
      what: `Not checked: ${because}.`,
    })),
  ]
}
