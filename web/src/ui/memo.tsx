import { Component, type ComponentType, type FunctionComponent } from 'preact';

/** A component that is drawn anew only where one of its properties is another value. */
export function memo<P extends object>(Inner: FunctionComponent<P>): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const before = this.props as Record<string, unknown>;
      const after = next as Record<string, unknown>;
      for (const key in after) if (before[key] !== after[key]) return true;
      for (const key in before) if (!(key in after)) return true;
      return false;
    }

    override render() {
      return <Inner {...(this.props as P)} />;
    }
  };
}
