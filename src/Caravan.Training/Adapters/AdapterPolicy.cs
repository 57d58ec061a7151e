using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>What an adapter wants of training beside its forward pass: a penalty on what is learnt, or something to be done once a step was taken.</summary>
internal abstract class AdapterPolicy : IDisposable
{
    /// <summary>What the policy remembers or changes beside parameters, by name, in a fixed order: a checkpoint keeps and restores it.</summary>
    public virtual IEnumerable<(string Name, Tensor Values)> State => [];

    /// <summary>Added to a step's loss on the way back.</summary>
    /// <param name="pass">A pass with a tape, once a step.</param>
    /// <returns>A scalar; null for none.</returns>
    public virtual Tensor? Penalty(Pass pass) => null;

    /// <summary>Told when the parameters have moved; their gradients are still there.</summary>
    /// <param name="step">Number of the step that was taken, from 0.</param>
    /// <param name="rate">Its learning rate.</param>
    public virtual void AfterStep(int step, double rate)
    {
    }

    /// <summary>Frees what belongs to the policy.</summary>
    public virtual void Dispose()
    {
    }
}
