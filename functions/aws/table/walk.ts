// Examines all paths at once: an automaton reads templates and IAM patterns side by side, one character at a time,
// until no new state is found. The result is exact and complete, without sampling: each combination of owner and
// matching patterns that any path can have, with a shortest such path and the length of the longest. The characters are
// those that a request may send, so they come from the rules for request paths and not from the patterns.

import { findTargetProblem, type TargetProblem } from '../../../shared/index.ts'
import type { TemplateSegment } from '../../../shared/index.ts'
import { specificity, type TableRule } from './rules.ts'

/** One combination of owner and matching patterns. */
export interface Finding {
  /** A shortest path, with its leading slash. */
  readonly path: string
  /** Characters of the longest path; `Infinity` if paths can have any length. */
  readonly longest: number
  /**
   * Whether `findTargetProblem` accepts such a path, whatever its length. A path with an escape counts as refused.
   */
  readonly isPlain: boolean
  /** Index of the rule that owns such a path; `null`: none does. */
  readonly owner: number | null
  readonly matched: ReadonlySet<string>
}

/** The walk gives up beyond this number of states, which is far more than real tables have. */
const MAX_STATES = 50_000

/**
 * The characters that may be sent in a path: all of ASCII, one letter beyond ASCII, and half of a surrogate pair.
 * Letters come first, so that the examples have them.
 */
const SENT = [
  ...'xyzabcdefghijklmnopqrstuvw',
  ...Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code)),
  '\u00e9',
  '\ud800',
]

const PROBLEMS = new Map<string, TargetProblem | null>()

/**
 * Why a path is refused that has this character in a segment; `null` if it is not refused. "%" counts as refused,
 * because it begins an escape.
 */
function problemOf(character: string): TargetProblem | null {
  const known = PROBLEMS.get(character)
  if (known !== undefined) return known
  const problem = findTargetProblem(`/x${character}x`, Number.POSITIVE_INFINITY)
  PROBLEMS.set(character, problem)
  return problem
}

/**
 * The characters to walk with. Those that a template or a pattern names, "/" and "." stand for themselves. Templates
 * and patterns do not distinguish the others, so one stands for all that have the same problem.
 */
function alphabetFor(named: ReadonlySet<string>): readonly string[] {
  const alphabet = new Set(['/', '.', ...named])
  const met = new Set<TargetProblem | null>()
  for (const character of SENT) {
    const problem = problemOf(character)
    if (alphabet.has(character) || met.has(problem)) continue
    met.add(problem)
    alphabet.add(character)
  }
  return [...alphabet]
}

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

const segmentTokens = (segment: TemplateSegment): Token[] => {
  if (typeof segment === 'object') return [...segment.literal].map(exactly)
  const accepts = segment === 'greedy' ? anything : inSegment
  return [
    { accepts, repeats: false },
    { accepts, repeats: true },
  ]
}

const templateTokens = (segments: readonly TemplateSegment[]): Token[] =>
  segments.flatMap((segment, at) => [...(at === 0 ? [] : [exactly('/')]), ...segmentTokens(segment)])

/**
 * The given positions in a list of tokens, and those that can be reached from them without reading a character.
 * Positions before a "*" that accepts anything are dropped: what matches from there also matches from the "*".
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

/** A list of tokens as an automaton. States are numbered in the order in which they are found. */
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

/**
 * State of a path: `start`, `slash` and `word` may end it, the dots may not. Otherwise its first problem, which stays.
 */
type Plainness = 'start' | 'slash' | 'word' | 'dot' | 'dots' | TargetProblem

const IN_ORDER: ReadonlySet<Plainness> = new Set(['start', 'slash', 'word', 'dot', 'dots'])

function read(state: Plainness, character: string): Plainness {
  if (!IN_ORDER.has(state)) return state
  if (character === '/') {
    if (state === 'word') return 'slash'
    return state === 'dot' || state === 'dots' ? 'dot_segment' : 'empty_segment'
  }
  const problem = problemOf(character)
  if (problem !== null) return problem
  if (character !== '.') return 'word'
  if (state === 'start' || state === 'slash') return 'dot'
  return state === 'dot' ? 'dots' : 'word'
}

interface State {
  readonly plainness: Plainness
  /** The state of each machine; `null` where it no longer matters. */
  readonly at: readonly (number | null)[]
}

/** A state, and the nodes that follow it. */
interface Node {
  readonly state: State
  /** A shortest path to it. */
  readonly path: string
  readonly next: Node[]
  /** Transitions into this node that have not been measured. */
  pending: number
  /** Characters of the longest path to it; infinite until `measure` finds one. */
  longest: number
}

/**
 * Measures the longest path to each node. A node on or after a cycle always has pending transitions, so it stays
 * infinite.
 */
function measure(nodes: readonly Node[]): void {
  for (const { next } of nodes) for (const node of next) node.pending++
  const done = nodes.filter(({ pending }) => pending === 0)
  const reached = new Map<Node, number>()
  for (const node of done) {
    node.longest = reached.get(node) ?? node.path.length
    for (const next of node.next) {
      reached.set(next, Math.max(reached.get(next) ?? 0, node.longest + 1))
      if (--next.pending === 0) done.push(next)
    }
  }
}

/**
 * Walks all paths of one method. `patterns`: as appended to the stage, verb included. `deny`: those of them that deny
 * the paths they match. A path that is refused, and denied with everything below it, is not continued.
 *
 * Returns `null` where there are too many states to finish.
 */
export function walk(
  rules: readonly TableRule[],
  patterns: readonly string[],
  deny: readonly string[] = [],
): readonly Finding[] | null {
  const method = rules[0]?.method ?? ''
  const order = rules.map((rule, index) => ({ index, rank: specificity(rule) }))
  const byRank = order.toSorted((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0))
  const machines = [
    ...rules.map(({ segments }) => createMachine(templateTokens(segments), '')),
    ...patterns.map((pattern) => createMachine(patternTokens(pattern), `${method}/`)),
  ]
  const isFinal = [
    ...rules.map(() => false),
    ...patterns.map((pattern) => deny.includes(pattern) && pattern.endsWith('*')),
  ]
  const literals = rules.flatMap(({ segments }) =>
    segments.flatMap((each) => (typeof each === 'object' ? [...each.literal] : [])),
  )
  const alphabet = alphabetFor(new Set([...literals, ...patterns.join('').replace(/[*?]/g, '')]))

  const keyOf = ({ plainness, at }: State) => `${plainness} ${at.join()}`
  const nodeOf = (state: State, path: string): Node => ({
    state,
    path,
    next: [],
    pending: 0,
    longest: Number.POSITIVE_INFINITY,
  })
  const first = nodeOf({ plainness: 'start', at: machines.map((machine) => machine.first) }, '/')
  const nodes = [first]
  const known = new Map([[keyOf(first.state), first]])
  for (const node of nodes) {
    const { state, path } = node
    const isShut = state.at.some((number, index) => isFinal[index] && machines[index]!.ends(number!))
    if (isShut && !IN_ORDER.has(state.plainness)) continue
    for (const character of alphabet) {
      const plainness = read(state.plainness, character)
      const next: State = {
        plainness,
        at: state.at.map((number, index) =>
          number === null || (!IN_ORDER.has(plainness) && index < rules.length)
            ? null
            : machines[index]!.next(number, character),
        ),
      }
      const key = keyOf(next)
      let found = known.get(key)
      if (found === undefined) {
        if (nodes.length >= MAX_STATES) return null
        found = nodeOf(next, path + character)
        known.set(key, found)
        nodes.push(found)
      }
      node.next.push(found)
    }
  }
  measure(nodes)

  const findings = new Map<string, Finding>()
  for (const { state, path, longest } of nodes) {
    const ends = state.at.map((number, index) => number !== null && machines[index]!.ends(number))
    const isPlain = state.plainness === 'start' || state.plainness === 'slash' || state.plainness === 'word'
    // A trailing slash is a last, empty segment, which no greedy parameter matches.
    const owns = (index: number) =>
      ends[index] === true && !(state.plainness === 'slash' && rules[index]!.segments.at(-1) === 'greedy')
    const owner = isPlain ? (byRank.find(({ index }) => owns(index))?.index ?? null) : null
    const matched = patterns.filter((_, index) => ends[rules.length + index])
    const signature = `${isPlain ? '' : state.plainness} ${owner} ${matched.join(' ')}`
    const same = findings.get(signature)
    findings.set(signature, {
      path: same?.path ?? path,
      longest: Math.max(same?.longest ?? 0, longest),
      isPlain,
      owner,
      matched: new Set(matched),
    })
  }
  return [...findings.values()]
}
