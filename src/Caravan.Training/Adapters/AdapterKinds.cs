using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>Every kind of adapter that can be learnt.</summary>
internal static class AdapterKinds
{
    /// <summary>The kinds, by name.</summary>
    public static IReadOnlyList<AdapterKind> All { get; } =
    [
        new("lora", "a low-rank update of each layer", "Hu et al. 2021, arXiv:2106.09685", Layers(Lora)),
        new("dora", "LoRA with the lengths of the weight's rows learnt apart", "Liu et al. 2024, arXiv:2402.09353", Layers(Dora)),
        new("ada_lora", "LoRA that moves directions to the layers where they count", "Zhang et al. 2023, arXiv:2303.10512", Layers(AdaLora)) { Policy = AdaLoraPolicyOf },
        new("qa_lora", "LoRA over groups of inputs, which merges into quantized weights", "Xu et al. 2023, arXiv:2309.14717", Layers(QaLora)),
        new("sora", "LoRA whose directions close when they earn too little", "Ding et al. 2023, arXiv:2311.11696", Layers(Sora)) { Policy = run => new SoraPolicy(run.Adapter, run.Options.Sparsity) },
        new("o_lora", "LoRA orthogonal to what earlier adapters learnt", "Wang et al. 2023, arXiv:2310.14152", Layers(Lora)) { Policy = OLoraPolicyOf },
        new("glora", "outputs, inputs and biases scaled and shifted, with a low-rank update", "Chavan et al. 2023, arXiv:2306.07967", Layers(Glora)),
        new("long_lora", "LoRA learnt from long texts, with attention in groups that half of the heads shift", "Chen et al. 2023, arXiv:2309.12307", LongLora),
        new("prompt_tuning", "embeddings of virtual tokens before each text", "Lester et al. 2021, arXiv:2104.08691", Prompt),
        new("p_tuning", "a network that gives such embeddings", "Liu et al. 2021, arXiv:2103.10385", (adapter, model, options) => adapter.Add(
            PTuning.Perceptron(model, options.VirtualTokens, options.EncoderWidth, options.Seed))),
        new("p_tuning_lstm", "the same with an LSTM in it", "Liu et al. 2021, arXiv:2103.10385", (adapter, model, options) => adapter.Add(
            PTuning.Recurrent(model, options.VirtualTokens, options.EncoderWidth, depth: 2, options.Seed))),
        new("prefix_tuning", "a network that gives the keys and values of virtual tokens in every layer", "Li and Liang 2021, arXiv:2101.00190", (adapter, model, options) => adapter.Add(
            PrefixTuning.Projected(model, options.VirtualTokens, options.EncoderWidth, options.Seed))),
        new("p_tuning_v2", "such keys and values as they are", "Liu et al. 2022, arXiv:2110.07602", (adapter, model, options) => adapter.Add(
            PrefixTuning.Direct(model, options.VirtualTokens, options.Seed))),
        new("llama_adapter", "rows that the attention of the last layers sees too, behind a gate that begins closed", "Zhang et al. 2023, arXiv:2303.16199", LlamaAdapter),
        new("re_lora", "LoRA merged into the weights and begun anew, again and again", "Lialin et al. 2023, arXiv:2307.05695", Layers(Lora)) { Policy = ReLoraPolicyOf, ChangesModel = true },
    ];

    /// <summary>The kind of a name.</summary>
    /// <exception cref="CaravanException">There is none.</exception>
    public static AdapterKind Of(string name) => All.FirstOrDefault(kind => kind.Name == name)
        ?? throw new CaravanException($"'{name}' is no kind of adapter; known are {string.Join(", ", All.Select(kind => kind.Name))}.{Suggestion.DidYouMean(name, All.Select(kind => kind.Name))}");

    /// <summary>An adapter for a model, ready to be learnt: until then the model computes with it what it did without, but for virtual tokens. It is not attached.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Which adapter, and where.</param>
    /// <param name="name">What people call it.</param>
    /// <exception cref="CaravanException">An option is out of range, or a target means no layer.</exception>
    public static Adapter Create(Model model, AdapterOptions options, string name)
    {
        AdapterKind kind = Of(options.Kind);
        Require(options.Rank is >= 1 and <= 65_536, $"The adapter's rank is {options.Rank}; 1 to 65536 was expected.");
        Require(options.FirstRank is >= 1 and <= 65_536, $"The adapter's first rank is {options.FirstRank}; 1 to 65536 was expected.");
        Require(double.IsFinite(options.Alpha), $"The adapter's alpha is {options.Alpha}; a number was expected.");
        Require(options.Dropout is >= 0 and < 1, $"The adapter's dropout is {options.Dropout}; a number from 0 to less than 1 was expected.");
        Require(options.Group >= 1, $"The adapter's group is {options.Group}; at least 1 was expected.");
        Require(options.VirtualTokens is >= 1 and <= 65_536, $"The adapter's virtual tokens are {options.VirtualTokens}; 1 to 65536 was expected.");
        Require(options.EncoderWidth is >= 1 and <= 65_536, $"The adapter's encoder width is {options.EncoderWidth}; 1 to 65536 was expected.");
        Require(options.RestartEvery >= 1 && options.BudgetEvery >= 1, "The adapter's restarts and choices of directions must be at least 1 step apart.");
        Adapter adapter = new(name);
        try
        {
            kind.Build(adapter, model, options);
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>What the adapter's kind wants of training beside; empty for nothing.</summary>
    public static IReadOnlyList<AdapterPolicy> Policies(AdapterTraining run) => Of(run.Options.Kind).Policy is { } make ? [make(run)] : [];

    /// <summary>A kind that does something to each target by itself.</summary>
    private static Action<Adapter, Model, AdapterOptions> Layers(Func<AdapterSite, LinearAdapter> make) => (adapter, model, options) =>
    {
        foreach (string layer in AdapterTargets.Find(model, options.Targets))
        {
            LinearWeights weights = model.Adapters.Projections[layer].Weights;
            LinearAdapter linear = make(new AdapterSite(weights, options, Noise.Mix(options.Seed, Noise.StreamOf(layer))));
            adapter.Add(layer, linear);
            linear.RequireFits(weights, layer, adapter.Name);
        }
    };

    private static LoraAdapter Lora(AdapterSite site) => new(site.Down(), site.Up(), site.Scaling) { DropoutRate = site.DropoutRate };

    private static DoraAdapter Dora(AdapterSite site)
    {
        Tensor magnitude = site.Outputs();
        DoraAdapter.Lengths(site.Layer.Weight, magnitude);
        return new DoraAdapter(site.Down(), site.Up(), magnitude, site.Scaling) { DropoutRate = site.DropoutRate };
    }

    private static void LongLora(Adapter adapter, Model model, AdapterOptions options)
    {
        Require(options.AttentionGroup >= 2, $"The adapter's attention group is {options.AttentionGroup} tokens; at least 2 was expected.");
        Layers(Lora)(adapter, model, options);
        adapter.AttentionGroup = options.AttentionGroup;
    }

    private static void Prompt(Adapter adapter, Model model, AdapterOptions options) => adapter.Add(options.PromptText is { } text
        ? PromptTuning.FromText(model, options.VirtualTokens, model.Tokenizer.Encode(text))
        : PromptTuning.Random(model, options.VirtualTokens, options.Seed));

    private static void LlamaAdapter(Adapter adapter, Model model, AdapterOptions options)
    {
        int layers = options.AdaptedLayers ?? model.Adapters.Attentions.Count;
        foreach ((string layer, AdaptionPrompt prompt) in AdaptionPrompt.ForLastLayers(model, options.VirtualTokens, layers, options.Seed)) adapter.Add(layer, prompt);
    }

    /// <summary>P and Q begin with small normal numbers and Λ with zeros, as PEFT's do.</summary>
    private static LoraAdapter AdaLora(AdapterSite site)
    {
        const double Deviation = 0.02;
        int rank = site.Options.FirstRank;
        Tensor q = site.Zeros(rank, site.Inputs), p = site.Zeros(site.OutputCount, rank);
        InitialValues.Normal(q, Deviation, Noise.Mix(site.Seed, 0));
        InitialValues.Normal(p, Deviation, Noise.Mix(site.Seed, 1));
        return new LoraAdapter(q, p, site.Options.ScalingOf(rank), site.Zeros(rank, 1), LoraNames.AdaLora) { DropoutRate = site.DropoutRate };
    }

    private static QaLoraAdapter QaLora(AdapterSite site) =>
        new(site.Down(site.Inputs / site.Options.Group), site.Up(), site.Scaling, site.Options.Group) { DropoutRate = site.DropoutRate };

    private static LoraAdapter Sora(AdapterSite site)
    {
        Tensor gate = site.Zeros(site.Options.Rank);
        gate.Floats.AsSpan().Fill(1);
        return new LoraAdapter(site.Down(), site.Up(), site.Scaling, gate, LoraNames.Sora) { DropoutRate = site.DropoutRate };
    }

    private static GloraAdapter Glora(AdapterSite site) => new(
        site.Outputs(), site.Down(), site.Up(), site.Scaling, site.Layer.Bias is null ? null : new GloraShift(site.Zeros(1, site.Inputs), site.Outputs(), site.Outputs()));

    private static AdaLoraPolicy AdaLoraPolicyOf(AdapterTraining run)
    {
        AdapterOptions options = run.Options;
        Require(run.Optimizer.UsesGradients && run.Optimizer is not Lomo, "The adapter ada_lora weighs directions by their gradients, which this optimizer does not keep; take another, such as adamw.");
        int layers = run.Adapter.Linears.Count;
        AdaLoraBudget budget = new(options.FirstRank * layers, Math.Min(options.Rank, options.FirstRank) * layers, options.BudgetWarmUp, options.BudgetSettled, run.Steps, options.BudgetEvery);
        Require(
            options.BudgetWarmUp >= 0 && options.BudgetSettled >= 0 && (long)options.BudgetWarmUp + options.BudgetSettled < run.Steps,
            $"The adapter's budget warms up for {options.BudgetWarmUp} steps and is settled for the last {options.BudgetSettled}, of {run.Steps} in all; fewer were expected.");
        return new AdaLoraPolicy(run.Adapter, budget, options.Orthogonality, options.SensitivityDecay, options.UncertaintyDecay);
    }

    private static OLoraPolicy OLoraPolicyOf(AdapterTraining run)
    {
        Require(run.Options.Earlier.Count > 0, "The adapter o_lora is to be orthogonal to earlier ones, and none is named; name their folders, or take lora.");
        return new OLoraPolicy(run.Adapter, [.. run.Options.Earlier.Select(path => PeftReader.Read(path, run.Model))], run.Options.Overlap);
    }

    private static ReLoraPolicy ReLoraPolicyOf(AdapterTraining run) =>
        new(run.Model, run.Adapter, run.Optimizer, run.Options.RestartEvery, run.Options.Forgotten, run.Options.Seed);

    private static void Require(bool holds, string sentence)
    {
        if (!holds) throw new CaravanException(sentence);
    }
}
