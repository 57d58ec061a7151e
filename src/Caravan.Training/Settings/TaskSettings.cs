namespace Caravan.Training;

/// <summary>One of several adapters that are learnt at once over one base, from data of its own.</summary>
internal sealed record TaskSettings
{
    /// <summary>What it is called.</summary>
    [Setting("Its name, and that of its adapter's folder: letters, digits, '-' and '_'.", IsRequired = true)]
    public string Name { get; init; } = "";

    /// <summary>What it learns from.</summary>
    [Setting("Files to learn from, as data.", IsRequired = true, IsPath = true)]
    public IReadOnlyList<DataSettings> Data { get; init; } = [];

    /// <summary>What is held out.</summary>
    [Setting("Files that are held out, as evaluation_data.", IsPath = true)]
    public IReadOnlyList<DataSettings> EvaluationData { get; init; } = [];

    /// <summary>Its adapter.</summary>
    [Setting("Its adapter, where it is not to be like the others.")]
    public AdapterOptions? Adapter { get; init; }

    /// <summary>The run as if this were all of it.</summary>
    public TrainingSettings Alone(TrainingSettings run) => run with { Tasks = [], Data = Data, EvaluationData = EvaluationData, Adapter = Adapter ?? run.Adapter };

    /// <summary>Fails unless the task fits into the run.</summary>
    /// <exception cref="CaravanException">Its name is none, it has no adapter, or one that changes the base.</exception>
    public void Check(TrainingSettings run)
    {
        if (Name.Length == 0 || !Name.All(each => char.IsAsciiLetterOrDigit(each) || each is '-' or '_'))
            throw new CaravanException($"The task '{Name}' needs another name: letters, digits, '-' and '_', since its adapter's folder is called so.");
        AdapterOptions adapter = Adapter ?? run.Adapter
            ?? throw new CaravanException($"The task '{Name}' has no adapter; tasks share a base that stays as it is, so give the run an adapter.");
        if (AdapterKinds.Of(adapter.Kind).ChangesModel)
            throw new CaravanException($"The task '{Name}' has an adapter of the kind {adapter.Kind}, which changes the base; tasks share theirs, so take another kind.");
    }
}
