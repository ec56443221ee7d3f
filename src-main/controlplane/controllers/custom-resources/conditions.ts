import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '#types/apiextensions.k8s.io/v1'

/** A condition of a definition (`Established`, `NamesAccepted`, `Terminating`, …). */
export type Condition = CustomResourceDefinitionCondition

export const conditionOf = ({ status }: CustomResourceDefinition, type: string): Condition | undefined =>
  status?.conditions?.find((condition) => condition.type === type)
