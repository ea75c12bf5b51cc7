// The input of the caching property: a route table, tokens with a beginning and an end, and a sequence of requests with
// them, in any order, some with odd spellings. Small alphabets, so that templates overlap and keys repeat.

import fc from 'fast-check'
import type { RouteRule } from '../../../../shared/index.ts'

export interface TokenShape {
  readonly scope: string
  /** Seconds from the first request. */
  readonly from: number | null
  readonly until: number
}

export interface Step {
  readonly token: number
  readonly method: string
  readonly path: string
  /** Seconds since the previous request. */
  readonly wait: number
}

export interface Scenario {
  readonly routes: readonly RouteRule[]
  readonly tokens: readonly TokenShape[]
  readonly steps: readonly Step[]
}

/** Number of requests in a scenario. */
export const STEPS = 25

const LITERALS = ['a', 'b', 'ab', '@me', '$x']
const SCOPES = ['r', 'w', 's']
const METHODS = ['GET', 'POST', 'HEAD']

const template = fc
  .record({
    segments: fc.array(fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...LITERALS) }, fc.constant('{p}')), {
      minLength: 1,
      maxLength: 3,
    }),
    end: fc.constantFrom('', '', '', '', '/{rest+}'),
    root: fc.constantFrom(...Array<boolean>(9).fill(false), true),
  })
  .map(({ segments, end, root }) => (root ? '/' : `/${segments.join('/')}${end}`))

const demand = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.subarray(SCOPES, { minLength: 1, maxLength: 2 }).map((allOf) => ({ scope: { allOf } })),
  },
  {
    weight: 2,
    arbitrary: fc.subarray(SCOPES, { minLength: 1, maxLength: 2 }).map((anyOf) => ({ scope: { anyOf } })),
  },
  fc.constant({ scope: 'none' as const }),
  fc.constant({ public: true as const }),
)

/** Leaves out the methods that an earlier rule has for the same path. */
function distinct(rules: readonly RouteRule[]): RouteRule[] {
  const taken = new Set<string>()
  return rules.flatMap((rule) => {
    const methods = rule.methods.filter((method) => !taken.has(`${method} ${rule.path}`))
    for (const method of methods) taken.add(`${method} ${rule.path}`)
    return methods.length === 0 ? [] : { ...rule, methods }
  })
}

const routes = fc
  .array(
    fc
      .tuple(template, fc.subarray(METHODS, { minLength: 1 }), demand)
      .map(([path, methods, demanded]): RouteRule => ({ path, methods, ...demanded })),
    { minLength: 1, maxLength: 5 },
  )
  .map(distinct)

const token = fc.record({
  scope: fc.subarray(SCOPES).map((scopes) => scopes.join(' ')),
  from: fc.constantFrom(null, null, null, -10, 8),
  until: fc.constantFrom(6, 40, 400),
})

const ODD = [
  (path: string) => `${path}/`,
  (path: string) => `/${path}`,
  (path: string) => path.replace(/\/(?=[^/]*$)/, '//'),
  (path: string) => path.replace('a', '%61'),
  (path: string) => `${path}%40`,
  (path: string) => `${path};v=1`,
  (path: string) => `${path}/..`,
  (path: string) => `${path}/../a`,
  (path: string) => `/./${path.slice(1)}`,
  (path: string) => `${path}%2Fa`,
  (path: string) => `${path}\\a`,
  (path: string) => path.replace(/[^/]*$/, '*'),
  (path: string) => `${path}#a`,
  (path: string) => path.replace(/[^/]*$/, '?'),
  (path: string) => `${path}?a`,
  (path: string) => `${path}\u0001`,
  (path: string) => `${path}\u007f`,
  (path: string) => path.replace(/[^/]*$/, '\u00e9'),
  (path: string) => `${path}\u{1f511}`,
  (path: string) => path + 'a'.repeat(64),
]

const asItIs = (path: string) => path

/** A path that some template matches, or nearly matches. */
const pathFor = (templates: readonly string[]) =>
  fc
    .record({
      template: fc.constantFrom(...templates),
      values: fc.array(fc.constantFrom(...LITERALS, '7'), { minLength: 4, maxLength: 4 }),
      more: fc.constantFrom('', '', '', '', '/a', '/7'),
      spell: fc.oneof({ weight: 4, arbitrary: fc.constant(asItIs) }, fc.constantFrom(...ODD)),
    })
    .map(({ template: chosen, values, more, spell }) => {
      const filled = chosen
        .replace(/\{p\}/g, () => values[0]!)
        .replace('{rest+}', values.slice(1, 3).join('/'))
      return spell(chosen === '/' ? filled : `${filled}${more}`)
    })

export const scenario: fc.Arbitrary<Scenario> = routes.chain((made) =>
  fc.record({
    routes: fc.constant(made),
    tokens: fc.array(token, { minLength: 2, maxLength: 2 }),
    steps: fc.array(
      fc.record({
        token: fc.nat({ max: 1 }),
        method: fc.constantFrom('GET', 'GET', 'POST', 'HEAD', 'DELETE'),
        path: pathFor(made.map(({ path }) => path)),
        wait: fc.constantFrom(0, 0, 0, 1, 3, 20),
      }),
      { minLength: STEPS, maxLength: STEPS },
    ),
  }),
)
