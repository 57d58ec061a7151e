using Caravan.Kernels;

namespace Caravan.Training;

/// <summary>Everything that a training run is told, as <c>caravan train</c> reads it from a file and flags. docs/training.md has the table.</summary>
internal sealed record TrainingSettings
{
    [Setting("Model to begin from: a file or folder that Caravan reads, or a folder with config.json and a tokenizer for from_scratch.", IsRequired = true, IsCommon = true, IsPath = true)]
    public string Model { get; init; } = "";

    [Setting("Begin from random weights of the shape that the model's config.json says.", IsCommon = true)]
    public bool FromScratch { get; init; }

    [Setting("Tokenizer file or folder instead of the model's own.", IsPath = true)]
    public string? Tokenizer { get; init; }

    [Setting("What is learnt from the data: one of docs/methods.md, such as pretrain, sft, dpo or ppo.", IsRequired = true, IsCommon = true)]
    public string Method { get; init; } = "";

    [Setting("Files to learn from; each a path alone, or its path, format and weight.", IsCommon = true, IsPath = true)]
    public IReadOnlyList<DataSettings> Data { get; init; } = [];

    [Setting("Files that are held out, to measure on.", IsCommon = true, IsPath = true)]
    public IReadOnlyList<DataSettings> EvaluationData { get; init; } = [];

    [Setting("Part of the data that is held out where evaluation_data names none; 0 for nothing.", IsCommon = true, Least = 0, Most = 0.9)]
    public double EvaluationFraction { get; init; }

    [Setting("Folder of the run: checkpoints, metrics.jsonl, report.html and the model that was learnt.", IsRequired = true, IsCommon = true, IsPath = true)]
    public string Output { get; init; } = "";

    [Setting("Seed of everything random; the same seed gives the same run.")]
    public int Seed { get; init; }

    [Setting("Steps in all; instead of epochs.", IsCommon = true, Least = 1)]
    public int? Steps { get; init; }

    [Setting("How often all data is passed; 1 where steps are not given either.", IsCommon = true, Least = 0)]
    public double? Epochs { get; init; }

    [Setting("Samples of a step (pairs, prompts or sequences, as the method has them).", IsCommon = true, Least = 1)]
    public int BatchSize { get; init; } = 8;

    [Setting("Tokens of a step at most, instead of batch_size: samples are taken while they fit.", Least = 1)]
    public int? TokensPerBatch { get; init; }

    [Setting("Tokens that pass at once: a step is cut into parts of at most these, which changes memory and not the result.", Least = 1)]
    public int MicroBatchTokens { get; init; } = 2048;

    [Setting("Tokens of the longest sample, or of each packed sequence; what the model was trained for when absent.", IsCommon = true, Least = 2)]
    public int? Context { get; init; }

    [Setting("What becomes of longer samples.")]
    public LongSamples TooLong { get; init; }

    [Setting("How weights that are learnt are kept: bf16 beside a 32-bit master copy (Micikevicius et al. 2018).")]
    public WeightStorage Storage { get; init; }

    [Setting("Keep only the inputs of layers and compute them again on the way back (Chen et al. 2016): less memory, the same numbers, about a third more time.")]
    public bool RecomputeLayers { get; init; }

    [Setting("L2 norm that the gradients together are clipped to (Pascanu et al. 2013); 0 for no clipping.", Least = 0)]
    public double MaxGradientNorm { get; init; } = new LoopOptions().MaxGradientNorm;

    [Setting("Threads; 0 for one for each physical core.", Least = 0, Most = 1024)]
    public int Threads { get; init; }

    [Setting("Steps between looks at held-out data; 0 for never.", IsCommon = true, Least = 0)]
    public int EvaluateEvery { get; init; }

    [Setting("Steps between checkpoints; 0 for none but the one at the end.", Least = 0)]
    public int SaveEvery { get; init; } = 200;

    [Setting("How many of the latest checkpoints are kept beside the best.", Least = 1)]
    public int Keep { get; init; } = 2;

    [Setting("After how many looks at held-out data without a lower loss the run ends; 0 for never.", Least = 0)]
    public int Patience { get; init; }

    [Setting("Type of the model that is written at the end: f32, bf16 or f16 as a folder, others such as q8_0 or q4_k as a GGUF file; the base model's when absent.")]
    public string? OutputType { get; init; }

    [Setting("Whether activations are rounded to 8 bits where they meet quantized weights that are not learnt: faster, less exact.")]
    public ActivationPrecision Precision { get; init; }

    [Setting("Type that a frozen base's matrices get as they are loaded, where they are in no block type yet: nf4 (QLoRA, Dettmers et al. 2023), q8_0, q4_0 and so on; as they are when absent.")]
    public string? BaseType { get; init; }

    [Setting("Noise α on token embeddings while learning (Jain et al. 2023, NEFTune, who take 5 to 15); 0 for none.", Least = 0)]
    public double NeftuneAlpha { get; init; }

    [Setting("What is learnt beside a model that stays as it is; without this section all its weights are learnt.", IsCommon = true)]
    public AdapterOptions? Adapter { get; init; }

    [Setting("Several adapters at once over one base, instead of data: each with a name, data, and an adapter where it is not to be the run's (Ye et al. 2023, mLoRA).")]
    public IReadOnlyList<TaskSettings> Tasks { get; init; } = [];

    [Setting("The optimizer.")]
    public OptimizerOptions Optimizer { get; init; } = new();

    [Setting("The learning rates.")]
    public ScheduleOptions Schedule { get; init; } = new();

    [Setting("Method continual_pretrain.")]
    public ReplayOptions ContinualPretrain { get; init; } = new();

    [Setting("Method steerlm.")]
    public SteerLmOptions Steerlm { get; init; } = new();

    [Setting("Method reward_model.")]
    public RewardModelOptions RewardModel { get; init; } = new();

    [Setting("Method dpo.")]
    public DpoLoss Dpo { get; init; } = new();

    [Setting("Method ipo.")]
    public IpoLoss Ipo { get; init; } = new();

    [Setting("Method hinge.")]
    public HingeLoss Hinge { get; init; } = new();

    [Setting("Method robust_dpo.")]
    public RobustDpoLoss RobustDpo { get; init; } = new();

    [Setting("Method dpop.")]
    public DpopLoss Dpop { get; init; } = new();

    [Setting("Method orpo.")]
    public OrpoLoss Orpo { get; init; } = new();

    [Setting("Method simpo.")]
    public SimPoLoss Simpo { get; init; } = new();

    [Setting("Method cpo.")]
    public CpoLoss Cpo { get; init; } = new();

    [Setting("Method spin.")]
    public SpinOptions Spin { get; init; } = new();

    [Setting("Method kto.")]
    public KtoLoss Kto { get; init; } = new();

    [Setting("Method rrhf.")]
    public RrhfLoss Rrhf { get; init; } = new();

    [Setting("Method raft.")]
    public RaftOptions Raft { get; init; } = new();

    [Setting("Method ppo.")]
    public PpoOptions Ppo { get; init; } = new();

    [Setting("Method grpo.")]
    public GrpoOptions Grpo { get; init; } = new();

    [Setting("Method rloo.")]
    public RlooOptions Rloo { get; init; } = new();

    [Setting("Method rlaif.")]
    public RlaifOptions Rlaif { get; init; } = new();

    [Setting("Method safe_rlhf.")]
    public SafeRlhfOptions SafeRlhf { get; init; } = new();

    [Setting("Method rltf.")]
    public RltfOptions Rltf { get; init; } = new();

    [Setting("Method distillation.")]
    public DistillationOptions Distillation { get; init; } = new();

    [Setting("Method sequence_distillation.")]
    public SequenceDistillationOptions SequenceDistillation { get; init; } = new();

    [Setting("Method weak_to_strong.")]
    public WeakToStrongOptions WeakToStrong { get; init; } = new();

    [Setting("Method unlearning.")]
    public UnlearningOptions Unlearning { get; init; } = new();

    /// <summary>Fails unless the settings agree with each other.</summary>
    /// <exception cref="CaravanException">Two of them contradict each other.</exception>
    public void Check()
    {
        if (Data.Count == 0 && Tasks.Count == 0) throw new CaravanException("data was not given (files to learn from); write 'data: PATH' into the settings, or give --data.");
        if (Steps is not null && Epochs is not null) throw new CaravanException($"steps {Steps} and epochs {Epochs} were both given; leave one out.");
        if (EvaluationData.Count > 0 && EvaluationFraction > 0) throw new CaravanException("evaluation_data and evaluation_fraction were both given; leave one out.");
        if (Patience > 0 && EvaluateEvery == 0) throw new CaravanException("patience counts looks at held-out data, and evaluate_every is 0; give both or none.");
        if (EvaluateEvery > 0 && EvaluationData.Count == 0 && EvaluationFraction == 0 && Tasks.All(task => task.EvaluationData.Count == 0))
            throw new CaravanException("evaluate_every needs held-out data; name files in evaluation_data, or give evaluation_fraction.");
        if ((Adapter is not null || Tasks.Count > 0) && FromScratch) throw new CaravanException("from_scratch and an adapter were both given; an adapter is learnt beside a model that has learnt already.");
        if (Adapter is null && Tasks.Count == 0 && BaseType is not null) throw new CaravanException($"base_type {BaseType} is for a base that stays as it is; add an adapter, or leave base_type out.");
        CheckTasks();
    }

    private void CheckTasks()
    {
        if (Tasks.Count == 0) return;
        if (Data.Count > 0 || EvaluationData.Count > 0) throw new CaravanException("tasks have data of their own; write data and evaluation_data into each of them, and not beside.");
        if (Steps is null) throw new CaravanException("tasks come to the end of their data at different times; give steps.");
        foreach (TaskSettings task in Tasks) task.Check(this);
        if (Tasks.GroupBy(task => task.Name).FirstOrDefault(same => same.Count() > 1) is { } twice) throw new CaravanException($"Two tasks are called '{twice.Key}'; give each a name of its own.");
    }
}
