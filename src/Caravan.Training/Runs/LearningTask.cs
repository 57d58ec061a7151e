using Caravan.Models;

namespace Caravan.Training;

/// <summary>What is learnt by one method from one dataset: all of a run, or one of several adapters that a run learns at once.</summary>
/// <param name="Name">Its name; empty where it is all of the run.</param>
/// <param name="Options">Which adapter is learnt; null where the model's own weights are.</param>
/// <param name="Adapter">The adapter.</param>
/// <param name="Data">What is learnt from.</param>
/// <param name="Method">How.</param>
internal sealed record LearningTask(string Name, AdapterOptions? Options, Adapter? Adapter, SessionData Data, Method Method)
{
    /// <summary>What is learnt: the adapter or else the model, and what the method has beside.</summary>
    public IEnumerable<Parameter> Learnt(Model model) =>
        (Adapter is null ? Trainables.Of(model) : Trainables.Of(Adapter, Options!.OutputRate, Name)).Concat(Trainables.Of(Method, Name));
}
