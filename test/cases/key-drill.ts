// Faults of a key endpoint, as data: what a real server does and what time it is, then the verdicts and the number of
// fetches that the server has received. The same rows run on Node and in workerd.

import type { ServerResponse } from 'node:http'
import { deflateSync } from 'node:zlib'
import { hang } from '../support/time.ts'

export type Answer = (request: unknown, response: ServerResponse) => void

const answer =
  (status: number, body: string | Buffer, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, headers).end(body)

/** Ways for a key endpoint to fail, each with the word that the log has for it. */
export const FAULTS: Readonly<Record<string, { readonly problem: string; readonly answer: Answer }>> = {
  'a closed connection': { problem: 'no_answer', answer: (_, response) => void response.destroy() },
  'no answer at all': { problem: 'timeout', answer: hang },
  'half an answer': {
    problem: 'no_answer',
    answer: (_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"keys"', () => response.socket?.end())
    },
  },
  '101': {
    problem: 'no_answer',
    answer: (_, response) =>
      void response.socket?.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
      ),
  },
  '500': { problem: 'status', answer: answer(500, 'oops') },
  '204': { problem: 'status', answer: answer(204, '') },
  'HTML with 200': { problem: 'malformed', answer: answer(200, '<html></html>') },
  '302': { problem: 'redirect', answer: answer(302, '', { location: '/jwks?again' }) },
  'deflate, which nobody asked for': {
    problem: 'encoding',
    answer: answer(200, deflateSync('{"keys":[]}'), { 'content-encoding': 'deflate' }),
  },
  '10 MB': { problem: 'too_large', answer: answer(200, Buffer.alloc(10_000_000, ' ')) },
  'an empty set': { problem: 'no_keys', answer: answer(200, '{"keys":[]}') },
  'no set': { problem: 'malformed', answer: answer(200, '{}') },
  'a set with a member twice': { problem: 'malformed', answer: answer(200, '{"keys":[],"keys":[{}]}') },
  'more keys than anybody needs': {
    problem: 'too_many_keys',
    answer: answer(200, JSON.stringify({ keys: Array.from({ length: 101 }, () => ({})) })),
  },
  'only unusable keys': {
    problem: 'no_usable_key',
    answer: answer(200, '{"keys":[null,{"kty":"oct","k":"AA"}]}'),
  },
}

/** Which key signed, and under which `kid`: the first key, the one that follows it, or any other. */
export type Signer =
  | 'first'
  | 'next'
  | 'first without kid'
  | 'next without kid'
  | 'stranger without kid'
  | 'stranger under random kid'

/** The published entries: keys, by their signer, and entries that are not keys. */
export type Published =
  | 'first'
  | 'first in other words'
  | 'next'
  | 'null'
  | 'next under the kid of the first'
  | 'private next'
  | 'three others'
  | 'of another algorithm'

export type DrillStep =
  | { readonly at: number }
  | { readonly publish: readonly Published[] }
  | { readonly fail: string }
  | { readonly mend: true }
  /** Sends these tokens at once; `verdicts` lists each verdict that occurs once. */
  | {
      readonly ask: readonly Signer[]
      readonly times?: number
      readonly verdicts: readonly string[]
      readonly fetches: number
    }

export interface DrillRow {
  readonly id: string
  readonly steps: readonly DrillStep[]
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const ask = (signer: Signer | readonly Signer[], verdict: string, fetches: number, times = 1): DrillStep => ({
  ask: typeof signer === 'string' ? [signer] : signer,
  times,
  verdicts: [verdict],
  fetches,
})

const faultRows = (fault: string): DrillRow[] => [
  {
    id: `${fault}, with keys in hand`,
    steps: [
      ask('first', 'allow', 1),
      { fail: fault },
      { at: 25 * MINUTE },
      ask('first', 'allow', 2, 3),
      ask('first', 'allow', 2),
      ask('next', 'keys_unavailable', 2),
      { at: 65 * MINUTE },
      ask('first', 'keys_unavailable', 3),
      { mend: true },
      { at: 66 * MINUTE },
      ask('first', 'allow', 4),
    ],
  },
  {
    id: `${fault}, without keys`,
    steps: [
      { fail: fault },
      ask(['first', 'next', 'stranger under random kid'], 'keys_unavailable', 1, 5),
      ask('first', 'keys_unavailable', 1),
      { mend: true },
      { at: 2 * SECOND },
      ask('first', 'allow', 2),
    ],
  },
  {
    id: `${fault}, when an unknown kid comes`,
    steps: [
      ask('first', 'allow', 1),
      { fail: fault },
      { at: MINUTE },
      ask('next', 'keys_unavailable', 2),
      ask('next', 'keys_unavailable', 2),
      ask('first', 'allow', 2, 5),
    ],
  },
]

export const DRILL_ROWS: readonly DrillRow[] = [
  ...Object.keys(FAULTS).flatMap(faultRows),
  {
    id: 'rotation under load, with both keys shown for a while',
    steps: [
      ask('first', 'allow', 1, 50),
      { publish: ['first', 'next'] },
      { at: MINUTE },
      ask(['first', 'next'], 'allow', 2, 50),
      { publish: ['next'] },
      { at: 25 * MINUTE },
      ask('next', 'allow', 3, 20),
      ask('first', 'key_unknown', 3, 20),
    ],
  },
  {
    id: 'rotation at one stroke: the withdrawn key is gone with the fetch that brings the new one',
    steps: [
      ask('first', 'allow', 1),
      { publish: ['next'] },
      { at: MINUTE },
      ask('first', 'allow', 1),
      ask('next', 'allow', 2, 50),
      ask('first', 'key_unknown', 2, 50),
    ],
  },
  {
    id: 'rotation without kids: a signature that fails is reason to ask once',
    steps: [
      ask('first without kid', 'allow', 1),
      { publish: ['next'] },
      { at: 29 * SECOND },
      ask('next without kid', 'signature_invalid', 1),
      { at: 30 * SECOND },
      ask('next without kid', 'allow', 2, 20),
      ask('first without kid', 'signature_invalid', 2),
    ],
  },
  {
    id: 'two keys and no kids: both are tried, and one that is withdrawn is gone with the fetch that does not bring it',
    steps: [
      { publish: ['first', 'next'] },
      ask(['first without kid', 'next without kid'], 'allow', 1, 20),
      ask('stranger without kid', 'signature_invalid', 1, 20),
      { publish: ['next'] },
      { at: MINUTE },
      ask('stranger without kid', 'signature_invalid', 2, 20),
      ask('next without kid', 'allow', 2),
      ask('first without kid', 'signature_invalid', 2, 20),
    ],
  },
  {
    id: 'a key that comes beside another, and no kids',
    steps: [
      ask('first without kid', 'allow', 1),
      { publish: ['first', 'next'] },
      { at: 29 * SECOND },
      ask('next without kid', 'signature_invalid', 1),
      { at: 30 * SECOND },
      ask('next without kid', 'allow', 2, 20),
      ask('first without kid', 'allow', 2),
    ],
  },
  {
    id: 'four keys and no kids are tried, five are not, until there are fewer',
    steps: [
      { publish: ['three others', 'first'] },
      ask('first without kid', 'allow', 1),
      ask('stranger without kid', 'signature_invalid', 1),
      { publish: ['three others', 'first', 'next'] },
      { at: MINUTE },
      ask('next without kid', 'key_ambiguous', 2, 20),
      ask('first without kid', 'key_ambiguous', 2, 20),
      ask(['first', 'next'], 'allow', 2),
      { publish: ['first', 'next'] },
      { at: 89 * SECOND },
      ask('first without kid', 'key_ambiguous', 2),
      { at: 90 * SECOND },
      ask(['first without kid', 'next without kid'], 'allow', 3, 20),
    ],
  },
  {
    id: 'five keys and no kids, and then the endpoint is down: the held set decides as long as it may be used',
    steps: [
      { publish: ['three others', 'first', 'next'] },
      ask('first', 'allow', 1),
      { fail: '500' },
      { at: MINUTE },
      ask('first without kid', 'key_ambiguous', 2, 20),
      ask('first', 'allow', 2),
    ],
  },
  {
    id: 'no key for the algorithm and no kids: reason to ask once',
    steps: [
      { publish: ['of another algorithm'] },
      ask('first without kid', 'key_mismatch', 1, 20),
      { publish: ['of another algorithm', 'first'] },
      { at: 29 * SECOND },
      ask('first without kid', 'key_mismatch', 1, 20),
      { at: 30 * SECOND },
      ask('first without kid', 'allow', 2, 20),
      ask('stranger without kid', 'signature_invalid', 2, 20),
    ],
  },
  {
    id: 'a flood without kids',
    steps: [
      ask('first without kid', 'allow', 1),
      { at: MINUTE },
      ask('stranger without kid', 'signature_invalid', 2, 200),
      { at: 89 * SECOND },
      ask('stranger without kid', 'signature_invalid', 2, 20),
      { at: 90 * SECOND },
      ask('stranger without kid', 'signature_invalid', 3, 20),
      ask('first without kid', 'allow', 3),
    ],
  },
  {
    id: 'without kids while the endpoint is down: undecidable',
    steps: [
      ask('first without kid', 'allow', 1),
      { fail: '500' },
      { at: MINUTE },
      ask('stranger without kid', 'keys_unavailable', 2),
      ask('first without kid', 'allow', 2),
    ],
  },
  {
    id: '1,000 random kids in a burst',
    steps: [
      ask('first', 'allow', 1),
      { at: MINUTE },
      ask('stranger under random kid', 'key_unknown', 2, 1_000),
      { at: 89 * SECOND },
      ask('stranger under random kid', 'key_unknown', 2, 100),
      { at: 90 * SECOND },
      ask('stranger under random kid', 'key_unknown', 3, 100),
      ask('first', 'allow', 3),
    ],
  },
  {
    id: 'one unknown kid again and again is cached for ever longer, and hides no new key',
    steps: [
      ask('first', 'allow', 1),
      { at: MINUTE },
      ask('next', 'key_unknown', 2, 50),
      { at: 90 * SECOND },
      ask('next', 'key_unknown', 3, 50),
      { at: 149 * SECOND },
      ask('next', 'key_unknown', 3, 50),
      { at: 150 * SECOND },
      ask('next', 'key_unknown', 4, 50),
      { publish: ['first', 'next'] },
      { at: 200 * SECOND },
      ask('next', 'key_unknown', 4),
      ask('stranger under random kid', 'key_unknown', 5),
      ask('next', 'allow', 5, 50),
    ],
  },
  {
    id: '1,000 random kids before there are any keys',
    steps: [ask('stranger under random kid', 'key_unknown', 1, 1_000), ask('first', 'allow', 1)],
  },
  {
    id: 'one null among good keys',
    steps: [
      { publish: ['null', 'first', 'next'] },
      ask(['first', 'next'], 'allow', 1),
      ask('next', 'allow', 1),
    ],
  },
  {
    id: 'two keys under one kid, and one beside them',
    steps: [
      { publish: ['first', 'next under the kid of the first', 'next'] },
      ask('first', 'key_ambiguous', 1),
      ask('next', 'allow', 1),
      { publish: ['first', 'next'] },
      { at: 30 * SECOND },
      ask('first', 'allow', 2),
    ],
  },
  {
    id: 'a private key in the set, and a good one beside it',
    steps: [
      { publish: ['first', 'private next'] },
      ask('first', 'allow', 1),
      ask('next', 'key_refused', 1),
      { publish: ['first', 'next'] },
      { at: 29 * SECOND },
      ask('next', 'key_refused', 1),
      { at: 30 * SECOND },
      ask('next', 'allow', 2),
    ],
  },
  {
    id: 'a private key in the set, and then the endpoint is down: the held set decides as long as it may be used',
    steps: [
      { publish: ['first', 'private next'] },
      ask('first', 'allow', 1),
      { fail: '500' },
      { at: MINUTE },
      ask('next', 'key_refused', 2, 20),
      ask('first', 'allow', 2),
      ask('stranger under random kid', 'keys_unavailable', 2),
      { at: 65 * MINUTE },
      ask('next', 'keys_unavailable', 3),
    ],
  },
  {
    id: 'one key twice in the set',
    steps: [{ publish: ['first', 'first in other words'] }, ask(['first', 'first without kid'], 'allow', 1)],
  },
]
