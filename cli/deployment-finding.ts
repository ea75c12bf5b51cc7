// What the comparison of a deployment with the configuration finds: the place, and a message that ends with the remedy.

export interface DeploymentFinding {
  /** `warning`: it will work, and should be known. */
  readonly weight: 'problem' | 'warning'
  readonly place: string
  readonly message: string
}

/** Adds a finding about one place. */
export type Find = (weight: DeploymentFinding['weight'], message: string) => void
