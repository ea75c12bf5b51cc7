// What `lanekeeper check --online` has found out: the member `online` of the document of `--json`.

import type { DeploymentFinding } from '../deployment-finding.ts'

/** One request, made as an edge makes it. */
export interface AskedEndpoint {
  /** Name in the configuration. */
  readonly issuer: string
  readonly what: 'metadata' | 'keys' | 'introspection' | 'userinfo' | 'check'
  /** Without its query. */
  readonly url: string
  /** `null`: no answer came. */
  readonly status: number | null
  /** How long it took, its body included. */
  readonly ms: number
  /** How long an edge waits for it. */
  readonly limitMs: number
  /** How far the server's clock is ahead of ours at least; below 0: behind. `null`: it states no time. */
  readonly clockDifferenceMs: number | null
  readonly cacheControl: string | null
}

/** The key set of an issuer, as an edge reads it. */
export interface AskedKeys {
  readonly issuer: string
  readonly published: number
  readonly usable: readonly { readonly kid: string | null; readonly algorithms: readonly string[] }[]
  readonly refused: readonly { readonly kid: string | null; readonly problem: string }[]
}

export interface OnlineStage {
  /** `null`: the configuration has no stages. */
  readonly name: string | null
  readonly asked: readonly AskedEndpoint[]
  readonly keys: readonly AskedKeys[]
  /** `subject`: the setting. */
  readonly findings: readonly DeploymentFinding[]
  /** Settings that nobody was asked about, each with the reason. */
  readonly notAsked: readonly { readonly setting: string; readonly because: string }[]
}

/** What the questions about one issuer have found out. */
export type IssuerAnswers = Omit<OnlineStage, 'name'>

export const NOTHING: IssuerAnswers = { asked: [], keys: [], findings: [], notAsked: [] }

export const joinAnswers = (...all: readonly IssuerAnswers[]): IssuerAnswers => ({
  asked: all.flatMap(({ asked }) => asked),
  keys: all.flatMap(({ keys }) => keys),
  findings: all.flatMap(({ findings }) => findings),
  notAsked: all.flatMap(({ notAsked }) => notAsked),
})

/** Foreign text in a message: quoted, and cut where it is long. */
export function quoted(text: string): string {
  const MAX_CHARS = 120
  return JSON.stringify(text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text)
}

/** Whether a stage has a finding that makes the exit code 1. */
export const hasOnlineProblem = (stages: readonly OnlineStage[]): boolean =>
  stages.some(({ findings }) => findings.some(({ severity }) => severity === 'problem'))
