using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Weights;

namespace Caravan.Training;

/// <summary>Everything that a run needs, made of its settings: model, data, method, optimizer, loop.</summary>
internal sealed class TrainingSession : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly SecondModels others;
    private readonly IReadOnlyList<LearningTask> tasks;

    /// <summary>Opens and makes everything; nothing is written yet.</summary>
    /// <param name="settings">What is to be done.</param>
    /// <param name="cancellation">Stops while data is counted.</param>
    /// <exception cref="CaravanException">The settings contradict each other, or something they name is missing or broken.</exception>
    public TrainingSession(TrainingSettings settings, CancellationToken cancellation = default)
    {
        settings.Check();
        Settings = settings;
        try
        {
            MethodRow row = MethodCatalog.Named(settings.Method);
            Device = Own(new Device(settings.Threads, precision: settings.Precision));
            Model = Own(Load(settings));
            others = Own(new SecondModels());
            tasks = settings.Tasks.Count == 0 ? [Task(row, "", settings)] : [.. settings.Tasks.Select(task => Task(row, task.Name, task.Alone(settings)))];
            Epoch = settings.Steps is null ? Data[0].Measure(cancellation) : null;
            Method method = settings.Tasks.Count == 0 ? tasks[0].Method : Own(new TaskMethods([.. tasks.Select(task => (task.Name, task.Method))]));
            Steps = settings.Steps ?? Math.Max(1, (int)Math.Ceiling((settings.Epochs ?? 1) * Epoch!.Value.Steps * method.StepsPerBatch));
            Parameters = [.. tasks.SelectMany(task => task.Learnt(Model)).Select(Own)];
            Optimizer optimizer = Own(OptimizerCatalog.Create(Parameters, settings.Optimizer with { Seed = (ulong)settings.Seed }));
            LoopOptions options = new() { MaxGradientNorm = settings.MaxGradientNorm, RecomputeLayers = settings.RecomputeLayers, Precision = settings.Precision, Seed = (ulong)settings.Seed };
            Loop = Own(new TrainingLoop(Device, method, Parameters, optimizer, ScheduleCatalog.Create(settings.Schedule, Steps), options)
            {
                Policies = [.. tasks.Where(task => task.Adapter is not null).SelectMany(task => AdapterKinds.Policies(new AdapterTraining(task.Adapter!, task.Options!, Model, optimizer, Steps))).Select(Own)],
            });
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What is to be done.</summary>
    public TrainingSettings Settings { get; }

    /// <summary>Where it computes.</summary>
    public Device Device { get; }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>Bytes of models that are only read beside it: references, teachers, judges.</summary>
    public long OtherBytes => others.Bytes;

    /// <summary>What is learnt.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>What is learnt from, of every task.</summary>
    public IReadOnlyList<SessionData> Data => [.. tasks.Select(task => task.Data)];

    /// <summary>What one pass over the data comes to; null where steps were given.</summary>
    public EpochSize? Epoch { get; }

    /// <summary>Steps of the run.</summary>
    public int Steps { get; }

    /// <summary>The loop.</summary>
    public TrainingLoop Loop { get; }

    /// <summary>How long the run goes on and what it keeps.</summary>
    public RunOptions RunOptions(bool resume) => new()
    {
        Steps = Steps, Folder = Settings.Output, EvaluateEvery = Settings.EvaluateEvery, SaveEvery = Settings.SaveEvery, Keep = Settings.Keep,
        Patience = Settings.Patience, Resume = resume,
    };

    /// <summary>Writes what was learnt into the run's folder.</summary>
    /// <returns>The model, or the adapter in PEFT's layout, that was written; of several tasks the folder with their adapters.</returns>
    /// <exception cref="CaravanException">The disk is full or fails; nothing is left behind.</exception>
    public string WriteResult(CancellationToken cancellation = default)
    {
        if (Settings.Tasks.Count > 0)
        {
            string folder = Path.Combine(Settings.Output, "adapters");
            FileFailure.Guard(folder, 0, () => Directory.CreateDirectory(folder));
            foreach (LearningTask task in tasks) WriteAdapter(task, Path.Combine(folder, task.Name));
            return folder;
        }

        if (tasks[0].Adapter is not { } adapter)
        {
            Dictionary<string, Tensor> learnt = Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Values);
            return WriteModel(learnt.GetValueOrDefault, cancellation);
        }

        if (ChangesModel(Settings))
        {
            Dictionary<string, Tensor> weights = Model.Weights.ToDictionary(weight => weight.Name!);
            using AdapterMerge merge = new(Model, adapter);
            return WriteModel(name => merge.Find(name) ?? weights.GetValueOrDefault(name), cancellation);
        }

        return WriteAdapter(tasks[0], Path.Combine(Settings.Output, "adapter"));
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        for (int i = owned.Count - 1; i >= 0; i--) owned[i].Dispose();
        owned.Clear();
    }

    private LearningTask Task(MethodRow row, string name, TrainingSettings settings)
    {
        AdapterOptions? adapting = settings.Adapter is null ? null : settings.Adapter with { Seed = (ulong)settings.Seed };
        Adapter? adapter = adapting is null ? null : Own(AdapterKinds.Create(Model, adapting, name.Length == 0 ? "adapter" : name));
        SessionData data = Own(new SessionData(settings, Model));
        Method method = Own(row.Create(settings, new MethodContext
        {
            Device = Device,
            Policy = new Policy(Model, adapter is null ? -1 : Model.Adapters.Attach(adapter)) { Noise = settings.NeftuneAlpha > 0 ? new EmbeddingNoise((float)settings.NeftuneAlpha) : null },
            Reference = row.NeedsReference(settings) ? Reference(adapter) : null, Others = others,
            Data = data.Source, HeldOut = data.HeldOut, MicroBatchTokens = settings.MicroBatchTokens, Seed = (ulong)settings.Seed,
        }));
        return new LearningTask(name, adapting, adapter, data, method);
    }

    private string WriteAdapter(LearningTask task, string target)
    {
        PeftWriter.Write(task.Adapter!, Model, target, Settings.Model);
        task.Method.WriteTo(target);
        return target;
    }

    private static bool ChangesModel(TrainingSettings settings) => settings.Adapter is { } adapter && AdapterKinds.Of(adapter.Kind).ChangesModel;

    private string WriteModel(Func<string, Tensor?> values, CancellationToken cancellation)
    {
        DType type = Settings.OutputType is { } name ? WeightTypes.Parse(name) : Settings.Storage == WeightStorage.BF16 ? DType.BF16 : DType.F32;
        bool folder = type is DType.F32 or DType.F16 or DType.BF16;
        string target = Path.Combine(Settings.Output, folder ? "model" : "model.gguf");
        ConvertOptions options = new() { Type = type, Overwrite = true, Threads = Settings.Threads, TokenizerPath = Settings.Tokenizer };
        Converter.Write(Model, values, target, options, new WriteOptions { Cancellation = cancellation });
        Loop.Method.WriteTo(folder ? target : Settings.Output);
        return target;
    }

    private static Model Load(TrainingSettings settings) => Model.Load(settings.Model, new ModelOptions
    {
        // Under an adapter weights stay as they are on disk, but for a kind that merges what it learns into them.
        Trainable = settings.Tasks.Count == 0 && (settings.Adapter is null || ChangesModel(settings)), TokenizerPath = settings.Tokenizer, TrainedType = settings.Storage == WeightStorage.BF16 ? DType.BF16 : DType.F32,
        FrozenType = settings.BaseType is { } name ? FrozenType(name) : null, Starting = settings.FromScratch ? new StartingWeights(0.02, (ulong)settings.Seed) : null,
    });

    /// <summary>The model as it was: the same without its adapter, or another copy.</summary>
    private Policy Reference(Adapter? adapter) =>
        new(adapter is not null ? Model : others.Load(Settings.Model, new ModelOptions { TokenizerPath = Settings.Tokenizer }));

    private static DType FrozenType(string name)
    {
        DType[] types = [.. QuantFormats.All.Select(format => format.DType).Where(type => type.IsQuantized())];
        string[] names = [.. types.Select(type => type.ToString().ToLowerInvariant())];
        int found = Array.FindIndex(names, known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
        return found >= 0 ? types[found] : throw new CaravanException($"base_type '{name}' is no block type; there are {string.Join(", ", names)}.{Suggestion.DidYouMean(name, names)}");
    }

    private T Own<T>(T item)
        where T : IDisposable
    {
        owned.Add(item);
        return item;
    }
}
