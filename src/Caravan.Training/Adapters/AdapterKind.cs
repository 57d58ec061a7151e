using Caravan.Models;

namespace Caravan.Training;

/// <summary>A kind of adapter.</summary>
/// <param name="Name">What options call it.</param>
/// <param name="Summary">What it is, in a sentence.</param>
/// <param name="Paper">Where it comes from.</param>
/// <param name="Build">Makes it for a model, ready to be learnt.</param>
internal sealed record AdapterKind(string Name, string Summary, string Paper, Action<Adapter, Model, AdapterOptions> Build)
{
    /// <summary>What it wants of training beside; null for nothing.</summary>
    public Func<AdapterTraining, AdapterPolicy>? Policy { get; init; }

    /// <summary>Whether the weights under it change while it is learnt, so that the result is a model. False by default.</summary>
    public bool ChangesModel { get; init; }
}

/// <summary>What a policy may need to know.</summary>
/// <param name="Adapter">What is learnt.</param>
/// <param name="Options">How it was made.</param>
/// <param name="Model">The model under it.</param>
/// <param name="Optimizer">What moves it.</param>
/// <param name="Steps">Steps of the run.</param>
internal sealed record AdapterTraining(Adapter Adapter, AdapterOptions Options, Model Model, Optimizer Optimizer, int Steps);
