using System.Text.Json.Nodes;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>One way to train: what a step's batch is and what its loss is. The loop does the rest, the same for every method.</summary>
internal abstract class Method : IDisposable
{
    /// <summary>What falls out of a step beside the loss.</summary>
    public Observations Observations { get; } = new();

    /// <summary>Tensors that it learns beside those of the model, such as a head of its own; it frees them.</summary>
    public virtual IReadOnlyList<Tensor> OwnTensors => [];

    /// <summary>How many steps learn from one batch of the data.</summary>
    public virtual int StepsPerBatch => 1;

    /// <summary>The batch of a step, in parts that fit into memory one after the other. Drawing moves on in the data.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    public abstract IReadOnlyList<MicroBatch> Draw(int step);

    /// <summary>What the method does once the parameters have moved; by default nothing.</summary>
    /// <param name="step">Number of the step that was taken, from 0.</param>
    public virtual void AfterStep(int step)
    {
    }

    /// <summary>Numbers over data that is held out, by name; <c>loss</c> decides what is best. Empty where nothing is held out.</summary>
    /// <param name="pass">A pass without a tape.</param>
    public abstract IReadOnlyDictionary<string, double> Evaluate(Pass pass);

    /// <summary>Where in the data it is, and whatever else the next step depends on.</summary>
    public abstract JsonObject Save();

    /// <summary>Goes to where <see cref="Save"/> was called.</summary>
    public abstract void Restore(JsonObject state);

    /// <summary>Writes what it has learnt beside the model into the model's folder; by default nothing.</summary>
    /// <exception cref="CaravanException">The disk is full or fails.</exception>
    public virtual void WriteTo(string folder)
    {
    }

    /// <summary>Frees what belongs to it.</summary>
    public virtual void Dispose()
    {
    }
}
