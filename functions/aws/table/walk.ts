// Every path at once: an automaton that reads templates and IAM patterns side by side, one character at a time,
// until no new state is left. What it finds is exact and complete: each combination of owner and matching patterns
// that any path can have, with a shortest path that has it. No sampling, no limit on the length of paths.

import { ODD_CHARACTERS, ODD_PATTERNS } from './patterns.ts'
import { specificity, type Segment, type TableRule } from './rules.ts'

/** Once one of these has matched, whatever follows is odd as well, and denied as well. */
const FINAL: ReadonlySet<string> = new Set(ODD_PATTERNS.filter((pattern) => pattern.endsWith('*')))

/** One combination. */
export interface Finding {
  /** A shortest path, with its leading slash. */
  readonly path: string
  /** Whether `findTargetProblem` lets such a path through. */
  readonly isPlain: boolean
  /** Index of the rule that owns it; `null`: none does. */
  readonly owner: number | null
  readonly matched: ReadonlySet<string>
}

/** More states than any sensible table has; beyond it the walk gives up. */
const MAX_STATES = 50_000

/** One of these that no template names stands for all such. */
const ORDINARY = [...'xyzabcdefghijklmnopqrstuvwABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~']

type Token = { readonly accepts: (character: string) => boolean; readonly repeats: boolean }

const anything: Token['accepts'] = () => true
const inSegment: Token['accepts'] = (character) => character !== '/'
const exactly = (wanted: string): Token => ({ accepts: (character) => character === wanted, repeats: false })

const patternTokens = (pattern: string): Token[] =>
  [...pattern].map((character) =>
    character === '*'
      ? { accepts: anything, repeats: true }
      : character === '?'
        ? { accepts: anything, repeats: false }
        : exactly(character),
  )

const segmentTokens = (segment: Segment): Token[] => {
  if (typeof segment === 'object') return [...segment.literal].map(exactly)
  const accepts = segment === 'greedy' ? anything : inSegment
  return [
    { accepts, repeats: false },
    { accepts, repeats: true },
  ]
}

const templateTokens = (segments: readonly Segment[]): Token[] =>
  segments.flatMap((segment, at) => [...(at === 0 ? [] : [exactly('/')]), ...segmentTokens(segment)])

/**
 * Positions in a row of tokens, with the ones that can be reached without reading anything. Whoever is at a "*" that
 * takes anything need not remember where they were before it: what could still match from there matches from here.
 */
function settle(tokens: readonly Token[], positions: Iterable<number>): number[] {
  const settled = new Set<number>()
  for (let position of positions) {
    settled.add(position)
    while (tokens[position]?.repeats === true) settled.add(++position)
  }
  const stars = [...settled].filter((position) => {
    const token = tokens[position]
    return token !== undefined && token.repeats && token.accepts === anything
  })
  const last = Math.max(-1, ...stars)
  return [...settled].filter((position) => position >= last).toSorted((a, b) => a - b)
}

/** A row of tokens as an automaton whose states are numbered as they are found. */
interface Machine {
  readonly first: number
  next(state: number, character: string): number
  ends(state: number): boolean
}

function createMachine(tokens: readonly Token[], start: string): Machine {
  const numbers = new Map<string, number>()
  const states: { positions: readonly number[]; next: Map<string, number> }[] = []
  const numberOf = (positions: readonly number[]): number => {
    const key = positions.join()
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, states.length)
    return states.push({ positions, next: new Map() }) - 1
  }
  function next(state: number, character: string): number {
    const { positions, next: known } = states[state]!
    const found = known.get(character)
    if (found !== undefined) return found
    const reached = positions.flatMap((position) => {
      const token = tokens[position]
      return token === undefined || !token.accepts(character) ? [] : token.repeats ? position : position + 1
    })
    const number = numberOf(settle(tokens, reached))
    known.set(character, number)
    return number
  }
  const first = [...start].reduce(next, numberOf(settle(tokens, [0])))
  return { first, next, ends: (state) => states[state]!.positions.at(-1) === tokens.length }
}

/** How far a path is plain: `start` and `word` may end here, `slash` and the dots may not, `odd` never again. */
type Plainness = 'start' | 'slash' | 'word' | 'dot' | 'dots' | 'odd'

function read(state: Plainness, character: string): Plainness {
  if (state === 'odd' || ODD_CHARACTERS.includes(character)) return 'odd'
  if (character === '/') return state === 'word' ? 'slash' : 'odd'
  if (character !== '.') return 'word'
  if (state === 'start' || state === 'slash') return 'dot'
  return state === 'dot' ? 'dots' : 'word'
}

interface State {
  readonly plainness: Plainness
  /** The state of each machine. */
  readonly at: readonly number[]
}

/**
 * Walks all paths of one method. `patterns` stand behind the stage, verb included.
 *
 * Returns `null` where there are too many states to finish.
 */
export function walk(rules: readonly TableRule[], patterns: readonly string[]): readonly Finding[] | null {
  const method = rules[0]?.method ?? ''
  const order = rules.map((rule, index) => ({ index, rank: specificity(rule) }))
  const byRank = order.toSorted((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0))
  const machines = [
    ...rules.map(({ segments }) => createMachine(templateTokens(segments), '')),
    ...patterns.map((pattern) => createMachine(patternTokens(pattern), `${method}/`)),
  ]
  const literals = rules.flatMap(({ segments }) =>
    segments.flatMap((each) => (typeof each === 'object' ? [...each.literal] : [])),
  )
  const other = ORDINARY.find((character) => !literals.includes(character)) ?? []
  const alphabet = [...new Set([...other, '/', '.', ...literals, ...ODD_CHARACTERS])]

  const first: State = { plainness: 'start', at: machines.map((machine) => machine.first) }
  const keyOf = ({ plainness, at }: State) => `${plainness} ${at.join()}`
  const seen = new Set([keyOf(first)])
  const queue: { state: State; path: string }[] = [{ state: first, path: '/' }]
  const findings = new Map<string, Finding>()
  for (const { state, path } of queue) {
    const ends = state.at.map((number, index) => machines[index]!.ends(number))
    const isPlain = state.plainness === 'start' || state.plainness === 'word'
    const owner = isPlain ? (byRank.find(({ index }) => ends[index])?.index ?? null) : null
    const matched = patterns.filter((_, index) => ends[rules.length + index])
    const signature = `${isPlain} ${owner} ${matched.join(' ')}`
    if (!findings.has(signature)) findings.set(signature, { path, isPlain, owner, matched: new Set(matched) })
    if (state.plainness === 'odd' && matched.some((pattern) => FINAL.has(pattern))) continue
    for (const character of alphabet) {
      const next: State = {
        plainness: read(state.plainness, character),
        at: state.at.map((number, index) => machines[index]!.next(number, character)),
      }
      const key = keyOf(next)
      if (seen.has(key)) continue
      if (seen.size >= MAX_STATES) return null
      seen.add(key)
      queue.push({ state: next, path: path + character })
    }
  }
  return [...findings.values()]
}
