// The pages of docs/migrating that a run observes: which of their files make which side. Names of sides are headings of
// their tables.

import { join } from 'node:path'
import { exampleFilesOf } from '../support/example-files.ts'
import { mustRunIn } from '../support/hand-made-project.ts'
import { startPageIssuer, type PageIssuer } from './issuer.ts'
import { observe, type Observed } from './observe.ts'
import { expressSide } from './sides/express.ts'
import { lambdaSide } from './sides/lambda.ts'
import { filesFor, freePort, makeProject, removeProjects, type Files, type StartSide } from './sides/side.ts'
import { builtWorkerSide, ownWorkerSide } from './sides/worker.ts'
import { toAnswerTable, toRequestTable, type Table } from './tables.ts'
import { AUTH0, COGNITO, KEYCLOAK, STANDARD, type TokenKit } from './tokens.ts'

/** Sides by their names, in the order of their columns. */
export type Sides = Readonly<Record<string, StartSide>>

export interface Page {
  readonly name: string
  readonly kit: TokenKit
  /** Whether its issuer is reached with TLS, by functions that take it for the one of the page. */
  readonly tls: boolean
  /** Whether it needs the packages of test/migrations. */
  readonly needsPackages: boolean
  readonly sides: (files: (...names: string[]) => Files, issuer: PageIssuer) => Promise<Sides>
  /** The sides of its tables that the sides `REPORT_ONLY` and `BOTH` are compared with, where it has these two. */
  readonly compared?: { readonly before: string; readonly after: string }
  /** The tables of requests by name, each with the sides of its columns by their headings. Default: one with every side. */
  readonly tables?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

const BEFORE = 'before'
const AFTER = 'after'
/** Lanekeeper in report-only in front of the old check: every answer is that of `before`. */
const REPORT_ONLY = 'report-only'
/** Lanekeeper enforced in front of the old check: what it lets pass has the answer of `before`. */
const BOTH = 'both enforced'

/** The configuration of a page with report-only for every request. */
const inReportOnly = (files: Files): Files => ({
  ...files,
  'lanekeeper.config.ts': files['lanekeeper.config.ts']!.replace(/\n\}\)\n$/, '\n  reportOnly: true,\n})\n'),
})

/** The configuration of a page whose origin gets the token, too. */
const forwarding = (files: Files): Files => ({
  ...files,
  'lanekeeper.config.ts': files['lanekeeper.config.ts']!.replace(
    /(origin: \{ url: '[^']+')/,
    "$1, token: 'forward'",
  ),
})

/** Starts two servers, the second of which is reached through the first. */
const behind =
  (front: StartSide, application: StartSide): StartSide =>
  async () => {
    const origin = await application()
    const edge = await front()
    return { url: edge.url, close: async () => void (await Promise.all([edge.close(), origin.close()])) }
  }

const HONO: Page = {
  name: 'hono-jwk',
  kit: KEYCLOAK,
  tls: false,
  needsPackages: false,
  sides: async (files) => ({
    [BEFORE]: await ownWorkerSide(files('worker.ts with the library', 'wrangler.toml')),
    [AFTER]: await ownWorkerSide(files('worker.ts', 'lanekeeper.config.ts', 'wrangler.toml')),
    [REPORT_ONLY]: await ownWorkerSide(
      inReportOnly(files('worker.ts with both', 'lanekeeper.config.ts', 'wrangler.toml')),
    ),
    [BOTH]: await ownWorkerSide(files('worker.ts with both', 'lanekeeper.config.ts', 'wrangler.toml')),
  }),
  compared: { before: BEFORE, after: AFTER },
}

const EXPRESS: Page = {
  name: 'express-oauth2-jwt-bearer',
  kit: AUTH0,
  tls: false,
  needsPackages: true,
  async sides(files) {
    const [port, reported, forwarded] = [await freePort(), await freePort(), await freePort()]
    const worker = files('lanekeeper.config.ts', 'wrangler.toml')
    const old = files('server.mjs with the library')
    return {
      [BEFORE]: expressSide(old),
      [AFTER]: behind(
        builtWorkerSide(worker, `http://127.0.0.1:${port}`),
        expressSide(files('server.mjs'), port),
      ),
      [REPORT_ONLY]: behind(
        builtWorkerSide(inReportOnly(worker), `http://127.0.0.1:${reported}`),
        expressSide(old, reported),
      ),
      [BOTH]: behind(
        builtWorkerSide(forwarding(worker), `http://127.0.0.1:${forwarded}`),
        expressSide(old, forwarded),
      ),
    }
  },
  compared: { before: BEFORE, after: AFTER },
}

const AWS_JWT_VERIFY: Page = {
  name: 'aws-jwt-verify',
  kit: COGNITO,
  tls: true,
  needsPackages: true,
  async sides(files, issuer) {
    const modules = ['aws-jwt-verify']
    const common = { issuer, api: 'http' } as const
    return {
      'before, in an authorizer': await lambdaSide({
        ...common,
        modules,
        files: files('authorizer.mjs', 'orders.mjs with the library', 'serverless.yml with the library'),
      }),
      'before, in the function': await lambdaSide({
        ...common,
        modules,
        files: files('orders.mjs with its own check', 'serverless.yml with its own check'),
      }),
      [AFTER]: await lambdaSide({
        ...common,
        files: files('orders.mjs', 'serverless.yml', 'lanekeeper.config.ts'),
      }),
      [REPORT_ONLY]: await lambdaSide({
        ...common,
        modules,
        files: inReportOnly(
          files('orders.mjs with its own check', 'serverless.yml with both', 'lanekeeper.config.ts'),
        ),
      }),
    }
  },
  compared: { before: 'before, in the function', after: AFTER },
}

const API_GATEWAY: Page = {
  name: 'api-gateway-jwt',
  kit: STANDARD,
  tls: true,
  needsPackages: false,
  async sides(files, issuer) {
    // Nothing runs API Gateway's JWT authorizer here. That osls accepts the file is all that is seen of it.
    const before = files('serverless.yml with a JWT authorizer', 'orders.mjs with a JWT authorizer')
    mustRunIn(makeProject(before), 'osls', ['package'])
    const after = (api: 'http' | 'rest', description: string) =>
      lambdaSide({ issuer, api, files: files('orders.mjs', description, 'lanekeeper.config.ts') })
    return {
      'after, HTTP API': await after('http', 'serverless.yml'),
      'after, REST API': await after('rest', 'serverless.yml with a REST API'),
    }
  },
  tables: { http: { after: 'after, HTTP API' }, rest: { after: 'after, REST API' } },
}

export const PAGES: readonly Page[] = [API_GATEWAY, AWS_JWT_VERIFY, EXPRESS, HONO]

export interface PageRun {
  /** The sides that the tables have. */
  readonly sides: readonly string[]
  readonly observed: Observed
  /** Requests that Lanekeeper in front of the old check answers otherwise than the page says. */
  readonly wrongInFront: readonly string[]
}

/** What each request should get from Lanekeeper in front of the old check, in report-only and enforced. */
function findWrongInFront({ compared }: Page, sides: readonly string[], rows: Observed['rows']): string[] {
  if (compared === undefined) return []
  return rows.flatMap(({ name, cells }) => {
    const cellOf = (side: string) => cells[sides.indexOf(side)]
    const [before, after] = [cellOf(compared.before)!, cellOf(compared.after)!]
    // A count is no answer.
    if (!/^\d{3}\b/.test(after)) return []
    const wanted = { [REPORT_ONLY]: before, [BOTH]: after.startsWith('2') ? before : after }
    return Object.entries(wanted)
      .filter(([side, cell]) => sides.includes(side) && cellOf(side) !== cell)
      .map(([side, cell]) => `${side}: ${name}: ${cellOf(side)}, not ${cell}`)
  })
}

/** Runs every side of a page on the same requests. `timed`: also those whose answer depends on the clock. */
export async function runPage(page: Page, { timed }: { timed: boolean }): Promise<PageRun> {
  const issuer = await startPageIssuer(page.kit, page.tls)
  try {
    const examples = exampleFilesOf(join('docs/migrating', `${page.name}.md`))
    const all = await page.sides((...names) => filesFor(examples, issuer, names), issuer)
    const names = Object.keys(all)
    const whole = await observe({ issuer, sides: Object.values(all), timed })
    const sides = names.filter((name) => ![REPORT_ONLY, BOTH].includes(name))
    const cut = <T>(list: readonly T[]) => list.slice(0, sides.length)
    const observed: Observed = {
      otherIdentity: whole.otherIdentity,
      rows: whole.rows.map((row) => ({ ...row, cells: cut(row.cells) })),
      answers: whole.answers.map(({ name, challenges, bodies }) => ({
        name,
        challenges: cut(challenges),
        bodies: cut(bodies),
      })),
    }
    return { sides, observed, wrongInFront: findWrongInFront(page, names, whole.rows) }
  } finally {
    removeProjects()
    await issuer.close()
  }
}

/** The tables of a page by their names, as observed. */
export function toTables({ tables }: Page, { sides, observed }: PageRun): Readonly<Record<string, Table>> {
  const all = { requests: Object.fromEntries(sides.map((side) => [side, side])) }
  return {
    ...Object.fromEntries(
      Object.entries(tables ?? all).map(([name, columns]) => [
        name,
        toRequestTable(observed, sides, columns),
      ]),
    ),
    answers: toAnswerTable(observed, sides),
  }
}
