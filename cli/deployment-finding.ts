// A finding of the comparison of a deployment with the configuration.

export interface DeploymentFinding {
  /** A `problem` stops the deployment, a `warning` does not, and a `note` asks for nothing. */
  readonly severity: 'problem' | 'warning' | 'note'
  /** What the message is about, such as `REST route GET /orders`. */
  readonly subject: string
  /** Ends with the remedy, unless it is a note. */
  readonly message: string
  /** Where it is in the template: a logical id, and a property where one is meant. */
  readonly at?: Place | undefined
}

export interface Place {
  readonly logicalId: string
  readonly property?: string | undefined
}

/** Adds a finding about one subject. `property`: the property of its resource that it is about. */
export type Find = (severity: DeploymentFinding['severity'], message: string, property?: string) => void

/** `Find` that adds to a list. `logicalId`: the resource of the subject. */
export const findingsIn =
  (findings: DeploymentFinding[]) =>
  (subject: string, logicalId?: string): Find =>
  (severity, message, property) =>
    void findings.push({
      severity,
      subject,
      message,
      ...(logicalId !== undefined && { at: { logicalId, ...(property !== undefined && { property }) } }),
    })
