// The ARN of a request to an API Gateway API: what an authorizer is asked about, and what a policy grants.
// AWS API Gateway developer guide, "ARN reference for API Gateway execute-api".

export interface RequestArn {
  /** Everything before the verb, without the slash: partition, region, account, API and stage are the event's own. */
  readonly stageArn: string
  /** The method, or `$connect`. */
  readonly verb: string
  /** Without its leading slash, as it was sent; `null` where the ARN ends with the verb. */
  readonly path: string | null
}

/** Only the first five colons separate: a path may hold more, and a client writes it. */
const ARN = /^(arn:[^:/*?]+:execute-api:[^:/*?]*:[^:/*?]*:[^:/*?]+\/[^/*?]+)\/([^/*?]+)(?:\/(.*))?$/s

/** Reads an ARN; `null` for one that is not of this form, or that has a wildcard before its path. */
export function readArn(arn: string): RequestArn | null {
  const [, stageArn, verb, path] = ARN.exec(arn) ?? []
  return stageArn === undefined || verb === undefined ? null : { stageArn, verb, path: path ?? null }
}
