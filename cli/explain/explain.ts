// Explains one request: reads what is given, lets the traced authorizer decide, and gathers what there is to say.

import { createTracedAuthorizer, substitutesFor } from '../../shared/compiler.ts'
import { webCrypto, type KeysReport, type Ports, type ReportEvent } from '../../shared/index.ts'
import type { CommandIo } from '../command.ts'
import { readText } from '../revocation/input.ts'
import { parseTime } from '../revocation/times.ts'
import { Stop } from '../stop.ts'
import { toAnswers, type Answers } from './answers.ts'
import { createSecrets, nameOfSecret, readJwks } from './at-hand.ts'
import { toFacts, type Facts, type Verdict } from './facts.ts'
import { limitsOf, readGivenStage, type Place } from './given-stage.ts'
import { toRequest } from './given-request.ts'
import { findInLog, type LogFindings } from './log.ts'
import type { Move } from './move.ts'
import { toMoves } from './moves.ts'
import { placesOf } from './places.ts'
import { toStages, type ExplainedStage } from './stages.ts'

export interface ExplainValues {
  readonly method: string
  readonly path: string
  readonly headers: readonly string[]
  readonly isOnline: boolean
  readonly 'token-file'?: string | undefined
  readonly stage?: string | undefined
  readonly at?: string | undefined
  readonly certificate?: string | undefined
  readonly jwks?: string | undefined
  readonly log?: string | undefined
  readonly 'fingerprint-key-file'?: string | undefined
  readonly config?: string | undefined
  readonly 'env-file'?: string | undefined
}

export interface Explained {
  readonly facts: Facts
  readonly verdict: Verdict
  readonly stages: readonly ExplainedStage[]
  /** Where the rule that decides stands in the configuration. */
  readonly places: readonly Place[]
  readonly answers: Answers
  /** What would change the verdict, and whose move it is. */
  readonly moves: readonly Move[]
  /** `null`: no log is given. */
  readonly log: LogFindings | null
  /** Names of header fields that no check reads. */
  readonly unread: readonly string[]
}

function readTime(at: string | undefined, io: CommandIo): number {
  const time = at === undefined ? io.now() / 1000 : parseTime(at)
  if (time === null)
    throw new Stop('--at is a time such as 2026-11-30T14:00:00Z, or seconds since the epoch.', 2)
  return time
}

/** One file alone can be standard input. */
function checkInputs(values: ExplainValues): void {
  const names = ['token-file', 'jwks', 'certificate', 'fingerprint-key-file'] as const
  const given = names.filter((name) => values[name] === '-')
  if (given.length > 1)
    throw new Stop(`${given.map((name) => `--${name} -`).join(' and ')}: pass one of them.`, 2)
}

/** @throws {Stop} If something that is given cannot be read (exit code 2). {ConfigError} As a build does. */
export async function explain(values: ExplainValues, io: CommandIo): Promise<Explained> {
  checkInputs(values)
  const now = readTime(values.at, io)
  const read = (name: 'token-file' | 'certificate') =>
    values[name] === undefined ? null : readText(io.cwd, values[name], `--${name}`, io.stdin)
  const stage = await readGivenStage(values, io)
  const token = await read('token-file')
  const certificate = await read('certificate')
  const jwks = values.jwks === undefined ? null : await readJwks(values.jwks, io)
  const secrets = createSecrets(stage.env, values.isOnline)
  const events: ReportEvent[] = []
  const ports: Ports = {
    crypto: webCrypto,
    now: () => now * 1000,
    report: (event) => void events.push(event),
    secrets: secrets.read,
    fetch(url, init) {
      io.progress(`asking ${new URL(url).host}`)
      return io.fetch(url, init)
    },
  }
  // Nothing is logged here, so no key for the names in a log is loaded.
  const config = { ...stage.config, log: { fingerprintKey: null } }
  const substitutes = substitutesFor({ jwks, isOnline: values.isOnline, hasSecret: secrets.has })
  const { authorizer, explain: decide } = createTracedAuthorizer(config, ports, {
    substitutes,
    ...limitsOf(stage),
  })
  const { request, unread } = toRequest({ ...values, token, certificate }, authorizer.needs)
  if (certificate !== null && stage.config.mtls?.issuerSki != null)
    throw new Stop('--certificate: only Cloudflare states what mtls.issuerSki is compared with.', 2)
  const traced = await decide(request)
  const [missing] = secrets.missing()
  const facts = toFacts(
    {
      stage,
      request,
      traced,
      now,
      token,
      keyReports: events.filter((event): event is KeysReport => event.event === 'keys'),
      isOfJwks: jwks !== null,
    },
    missing === undefined ? null : nameOfSecret(missing),
  )
  const log = values.log === undefined ? null : await findInLog(facts, values, secrets, io)
  const answers = toAnswers(facts)
  return {
    facts,
    verdict: facts.verdict,
    stages: toStages(facts),
    places: placesOf(facts),
    answers,
    moves: toMoves(facts, log),
    log,
    unread,
  }
}
