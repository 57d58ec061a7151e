namespace Caravan.Tensors;

/// <summary>
/// The record of a forward pass. Each operator leaves one step with the tensors its gradient needs; walking the steps backwards adds every
/// gradient into place (reverse-mode differentiation). Steps are recycled, so that a warmed-up training step allocates nothing.
/// </summary>
internal sealed class Tape
{
    private readonly List<TapeStep> steps = [];
    private readonly Dictionary<Type, Stack<TapeStep>> spare = [];
    private readonly List<(Tensor Leaf, int Step)> firstUses = [];
    private readonly HashSet<Tensor> open = [];
    private bool walked;

    /// <summary>Number of steps recorded.</summary>
    public int Count => steps.Count;

    /// <summary>
    /// Adds ∂loss/∂t to the gradient of every tensor t that requires one, starting from ∂loss/∂loss = 1.
    /// </summary>
    /// <param name="pass">The pass that recorded the tape.</param>
    /// <param name="loss">A tensor of one element computed on this tape.</param>
    /// <exception cref="InvalidOperationException">
    /// The tape was walked back before: the gradients of activations, still there from the first time, would count twice.
    /// </exception>
    public void Backward(Pass pass, Tensor loss)
    {
        if (loss.Shape.Elements != 1) throw new ArgumentException($"The loss must be one number, not {loss.Shape}.");
        if (!loss.RequiresGradient) throw new ArgumentException("The loss does not depend on any tensor that requires a gradient.");
        pass.GradientOf(loss)[0] = 1;
        Backward(pass);
    }

    /// <summary>The same from gradients that the caller has already put in place.</summary>
    internal void Backward(Pass pass)
    {
        if (walked) throw new InvalidOperationException("The tape was walked back already; reset the pass and run it forward again.");
        walked = true;
        for (int i = steps.Count - 1; i >= 0; i--)
        {
            steps[i].Backward(pass);
            for (; firstUses.Count > 0 && firstUses[^1].Step >= i; firstUses.RemoveAt(firstUses.Count - 1)) Close(pass, firstUses[^1].Leaf);
        }
    }

    /// <summary>
    /// Notes that the next step uses a weight whose gradient <see cref="Pass.LeafGradients"/> takes. The first step that does is the last on the way
    /// back: after it the gradient is complete.
    /// </summary>
    internal void Use(Tensor leaf)
    {
        if (open.Add(leaf)) firstUses.Add((leaf, steps.Count));
    }

    /// <summary>Makes sure that the gradient of a weight that is about to be lent will be completed.</summary>
    internal void RequireOpen(Tensor leaf)
    {
        if (!open.Contains(leaf)) throw new InvalidOperationException($"An operator asks for the gradient of {leaf}, which it did not name as its input.");
    }

    /// <summary>A recycled step at the end of the tape; the operator fills it in.</summary>
    internal T Record<T>()
        where T : TapeStep, new()
    {
        T step = spare.TryGetValue(typeof(T), out Stack<TapeStep>? stack) && stack.TryPop(out TapeStep? old) ? (T)old : new T();
        steps.Add(step);
        return step;
    }

    /// <summary>Forgets all steps.</summary>
    internal void Clear()
    {
        foreach (TapeStep step in steps)
        {
            if (!spare.TryGetValue(step.GetType(), out Stack<TapeStep>? stack)) spare.Add(step.GetType(), stack = new Stack<TapeStep>());
            stack.Push(step);
        }

        steps.Clear();
        firstUses.Clear();
        open.Clear();
        walked = false;
    }

    private void Close(Pass pass, Tensor leaf)
    {
        open.Remove(leaf);
        if (leaf.Gradient is not null) pass.LeafGradients!.Complete(leaf);
    }
}
