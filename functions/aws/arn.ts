// The ARN of a request to an API Gateway API: the event of an authorizer names it, and a policy allows or denies it.
// AWS API Gateway developer guide, "ARN reference for API Gateway execute-api".

export interface RequestArn {
  /** Partition, region, account, API and stage of the event: everything before the verb, without the slash. */
  readonly stageArn: string
  /** The method, or `$connect`. */
  readonly verb: string
  /** The path as it was sent, without its leading slash; `null` where the ARN ends with the verb. */
  readonly path: string | null
}

/** Only the first five colons separate: the path, which a client writes, may have more. */
const ARN = /^(arn:[^:/*?]+:execute-api:[^:/*?]*:[^:/*?]*:[^:/*?]+\/[^/*?]+)\/([^/*?]+)(?:\/(.*))?$/s

/** Reads an ARN; `null` where it has another form, or a wildcard before its path. */
export function readArn(arn: string): RequestArn | null {
  const [, stageArn, verb, path] = ARN.exec(arn) ?? []
  return stageArn === undefined || verb === undefined ? null : { stageArn, verb, path: path ?? null }
}
