using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>How gradients become steps. An optimizer owns its state, which checkpoints keep under names.</summary>
internal abstract class Optimizer : IDisposable
{
    /// <summary>What the optimizer remembers, by name, in a fixed order: together with <see cref="Steps"/> all that a checkpoint needs.</summary>
    public abstract IEnumerable<(string Name, Tensor Values)> State { get; }

    /// <summary>How many steps were taken; set when a run is resumed.</summary>
    public int Steps { get; set; }

    /// <summary>Whether it wants gradients; false for zeroth-order methods, which ask for losses.</summary>
    public virtual bool UsesGradients => true;

    /// <summary>
    /// What a pass gives gradients to as soon as they are complete (<see cref="Pass.LeafGradients"/>), for optimizers that move each parameter during
    /// the way back and for which gradients are not kept; null for others.
    /// </summary>
    /// <param name="device">Where it computes.</param>
    /// <param name="parameters">What is learnt.</param>
    /// <param name="rate">The learning rate of the coming step.</param>
    public virtual ILeafGradients? Fuse(Device device, IReadOnlyList<Parameter> parameters, double rate) => null;

    /// <summary>For optimizers without gradients: asks for losses at places of its choice, leaving the parameters where they are.</summary>
    /// <param name="device">Where it computes.</param>
    /// <param name="parameters">What is learnt.</param>
    /// <param name="loss">The loss of the step's batch at the parameters' published values.</param>
    /// <returns>The loss at the parameters, or the mean of losses around them.</returns>
    public virtual double Estimate(Device device, IReadOnlyList<Parameter> parameters, Func<double> loss) => loss();

    /// <summary>Moves the parameters' values once and publishes them.</summary>
    /// <param name="device">Where it computes.</param>
    /// <param name="parameters">What is learnt; the same, in the same order, at every step.</param>
    /// <param name="rate">The learning rate of this step.</param>
    /// <param name="gradientScale">Factor of the gradients, as clipping wants it; 1 for none.</param>
    public void Step(Device device, IReadOnlyList<Parameter> parameters, double rate, double gradientScale = 1)
    {
        Steps++;
        Update(device, parameters, rate, gradientScale);
        foreach (Parameter parameter in parameters) parameter.Publish();
    }

    /// <summary>Frees the state.</summary>
    public virtual void Dispose()
    {
        foreach ((_, Tensor values) in State) values.Dispose();
    }

    /// <summary>A part of the state under its own name.</summary>
    protected static (string Name, Tensor Values) Named(Tensor values) => (values.Name!, values);

    /// <summary>Moves the values; <see cref="Steps"/> is the number of this step, from 1.</summary>
    protected abstract void Update(Device device, IReadOnlyList<Parameter> parameters, double rate, double gradientScale);
}
