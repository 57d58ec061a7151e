import { setLane } from './conversation';
import { chatModels, rememberModels } from './models';
import { change, current } from './store';

const remember = (): void => rememberModels(current.peek().peek().lanes.map((l) => l.model));

/** Puts another model beside the last one, on the same branch; it is one that is not there yet where there is such. */
export function addLane(): void {
  change(current.peek(), (c) => {
    const last = c.lanes[c.lanes.length - 1]!;
    const model = chatModels.peek().find((m) => c.lanes.every((l) => l.model !== m.id))?.id ?? last.model;
    return { ...c, lanes: [...c.lanes, { model, leaf: last.leaf }] };
  });
  remember();
}

export function removeLane(index: number): void {
  change(current.peek(), (c) => (c.lanes.length < 2 ? c : { ...c, lanes: c.lanes.filter((_, i) => i !== index) }));
  remember();
}

export function keepLane(index: number): void {
  change(current.peek(), (c) => ({ ...c, lanes: [c.lanes[index]!] }));
  remember();
}

export function chooseModel(index: number, model: string): void {
  change(current.peek(), (c) => setLane(c, index, { model }));
  remember();
}
