// The core itself, in Node, with the real fetch against the real key server: compiled to a plan and the parts that it
// uses, or put together from steps that a test replaces.

import { join } from 'node:path'
import { toPartModule } from '../../cli/artefact/entry.ts'
import { ROOT } from '../../cli/build.ts'
import { assembleFromSteps } from '../../shared/authorizer.ts'
import { compileFor, type EdgeCompiler } from '../../shared/compiler.ts'
import {
  assemble,
  combineParts,
  createSafeReport,
  createWebCrypto,
  fill,
  stampOf,
  type Authorizer,
  type CoreConfig,
  type Part,
  type Ports,
} from '../../shared/edge.ts'
import { STEPS } from '../../shared/steps.ts'
import {
  toIdentity,
  toRefusal,
  webCrypto,
  type AuthorizationRequest,
  type LanekeeperConfig,
  type ReportEvent,
  type RequestNeeds,
} from '../../shared/index.ts'
import { substituted } from '../support/artefact/build.ts'
import { originOf } from '../../functions/fetch/request.ts'
import type { CaseRequest } from '../cases/row.ts'
import { demandAccepted } from '../support/schema-agreement.ts'
import { elapse } from '../support/time.ts'
import { codeOf, comparable, detailOf, type Edge, type Variables } from './edge.ts'
import { factsOf } from './presented-certificate.ts'

/** The request as an edge hands it to the core. */
export const toCoreRequest = ({
  method,
  path,
  query,
  authorization,
  host,
  spelledAgain,
}: CaseRequest): AuthorizationRequest => ({
  method,
  path,
  ...(host === undefined ? {} : { origin: originOf(`https://${host}/`) }),
  ...(spelledAgain === undefined ? {} : { otherSpellings: [spelledAgain] }),
  authorization,
  accessTokenInQuery: new URLSearchParams(query).has('access_token'),
})

/** The further header fields that the core asks for. */
function fieldsFor({ fields: names }: RequestNeeds, { fields = [] }: CaseRequest) {
  const valuesOf = (name: string) =>
    fields.filter(([given]) => given.toLowerCase() === name).map(([, value]) => value)
  return names.length === 0 ? {} : { fields: Object.fromEntries(names.map((name) => [name, valuesOf(name)])) }
}

/** What the client presented in TLS, if the core asks for it. */
function certificateFor({ clientCertificate: isNeeded }: RequestNeeds, { certificate }: CaseRequest) {
  const clientCertificate = isNeeded ? factsOf(certificate) : null
  return clientCertificate === null ? {} : { clientCertificate }
}

async function importPart(name: string): Promise<Part> {
  const { path, exported } = toPartModule({ name, because: '' })
  return ((await import(join(ROOT, `${path}.ts`))) as Record<string, Part>)[exported]!
}

type Create = (ports: Ports) => Authorizer<CoreConfig>

/** An edge that adds nothing to the core but the parts that its platform chooses. */
const coreEdge = (parts: readonly string[]): EdgeCompiler => ({
  name: 'cloudflare',
  environment: {},
  sections: [],
  compile: () => ({ derived: {}, parts: parts.map((name) => ({ name, because: 'the test' })) }),
})

/**
 * The core as an edge of an artefact puts it together: the plan passes through JSON, only the parts that it uses are
 * imported, and secrets are looked for when it starts. Of the ports, the cryptography is replaced.
 */
export async function compileCore(
  given: LanekeeperConfig,
  env: Variables,
  chosen: readonly string[] = [],
): Promise<Create> {
  const { plan, parts: used } = compileFor(coreEdge(chosen), given, { env: substituted(given, env) }, true)
  const parts = combineParts(...(await Promise.all(used.map(({ name }) => importPart(name)))))
  return (ports) =>
    assemble(
      fill(JSON.parse(JSON.stringify(plan)), 'cloudflare', env, parts),
      {
        ...ports,
        report: createSafeReport(ports.report, stampOf(plan)),
        crypto: createWebCrypto(parts.keyTypes),
      },
      parts,
    )
}

/** The core with an authorizer that a test creates from these ports. */
export function coreEdgeOf(create: Create, env: Variables): Edge {
  let events: ReportEvent[] = []
  let ahead = 0
  const authorizer = create({
    crypto: webCrypto,
    fetch,
    now: () => Date.now() + ahead,
    report: (event) => void events.push(event),
    secrets: async (ref) => (ref.env === undefined ? undefined : env[ref.env]),
  })
  return {
    name: 'core',
    async send(request) {
      events = []
      const decision = await authorizer.authorize({
        ...toCoreRequest(request),
        ...fieldsFor(authorizer.needs, request),
        ...certificateFor(authorizer.needs, request),
      })
      const code = codeOf(events)
      const detail = detailOf(events)
      if (!decision.allow)
        return {
          allow: false,
          code,
          detail,
          wire: { status: toRefusal(decision, 'api').status },
          identity: null,
        }
      return {
        allow: true,
        code,
        detail,
        wire: {},
        identity: decision.grant === null ? null : comparable(toIdentity(decision.grant)),
      }
    },
    advance: async (ms) => void (ahead += ms),
    elapse: async (ms) => elapse(ms),
    close: async () => {},
  }
}

/** The compiled core. */
export async function openCoreEdge(config: LanekeeperConfig, env: Variables = {}): Promise<Edge> {
  demandAccepted(config)
  return coreEdgeOf(await compileCore(config, env), env)
}

/** The core with steps of which a test has replaced some. */
export async function openCoreEdgeFromSteps(
  config: LanekeeperConfig,
  env: Variables = {},
  steps: typeof STEPS = STEPS,
): Promise<Edge> {
  demandAccepted(config)
  return coreEdgeOf((ports) => assembleFromSteps(config, ports, { env }, steps), env)
}
