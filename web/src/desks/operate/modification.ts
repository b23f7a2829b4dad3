/** What an operator plans to do with the tokens of an instance, step by step, and as the API takes it. */
import type { ProcessInstanceModification } from '../../api/schema';

export type Step =
  | { kind: 'move'; from: string; to: string }
  | { kind: 'activate'; to: string }
  | { kind: 'cancel'; from: string }
  | { kind: 'return'; to: string };
export type StepKind = Step['kind'];

/** Whether a step needs an element where tokens are, and one where they go. */
export const NEEDS: Readonly<Record<StepKind, { from: boolean; to: boolean }>> = {
  move: { from: true, to: true },
  activate: { from: false, to: true },
  cancel: { from: true, to: false },
  return: { from: false, to: true },
};

/** A step from what has been chosen; null while something is missing. */
export function stepOf(kind: StepKind, from: string, to: string): Step | null {
  if ((NEEDS[kind].from && from === '') || (NEEDS[kind].to && to === '')) return null;
  if (kind === 'move') return from === to ? null : { kind, from, to };
  return kind === 'cancel' ? { kind, from } : { kind, to };
}

/** All steps in one request: they are carried out together or not at all. */
export function modificationOf(steps: readonly Step[], more: { reason?: string; revision?: number } = {}): ProcessInstanceModification {
  const of = <Kind extends StepKind>(kind: Kind) => steps.filter((step): step is Extract<Step, { kind: Kind }> => step.kind === kind);
  const [moves, activations, cancellations, returns] = [of('move'), of('activate'), of('cancel'), of('return')];
  return {
    ...(activations.length > 0 && { activateInstructions: activations.map(({ to }) => ({ elementId: to })) }),
    ...(moves.length > 0 && {
      moveInstructions: moves.map(({ from, to }) => ({
        sourceElementInstruction: { sourceType: 'byId' as const, sourceElementId: from },
        targetElementId: to,
        ancestorScopeInstruction: { ancestorScopeType: 'inferred' as const },
      })),
    }),
    ...(cancellations.length > 0 && { terminateInstructions: cancellations.map(({ from }) => ({ elementId: from })) }),
    ...(returns.length > 0 && { returnInstructions: returns.map(({ to }) => ({ targetElementId: to })) }),
    ...more,
  };
}
