// A finding of the comparison of a deployment with the configuration.

export interface DeploymentFinding {
  /** A `problem` stops the deployment, a `warning` does not, and a `note` asks for nothing. */
  readonly severity: 'problem' | 'warning' | 'note'
  /** What the message is about, such as `REST route GET /orders`. */
  readonly subject: string
  /** Ends with the remedy, unless it is a note. */
  readonly message: string
}

/** Adds a finding about one subject. */
export type Find = (severity: DeploymentFinding['severity'], message: string) => void
