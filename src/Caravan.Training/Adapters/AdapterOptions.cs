using Caravan.Models;

namespace Caravan.Training;

/// <summary>Which adapter is learnt, and where.</summary>
internal sealed record AdapterOptions
{
    [Setting("One of lora, dora, ada_lora, qa_lora, sora, o_lora, glora, long_lora, re_lora, prompt_tuning, p_tuning, p_tuning_lstm, prefix_tuning, p_tuning_v2 or llama_adapter.", IsShorthand = true)]
    public string Kind { get; init; } = "lora";

    [Setting("r: directions that each layer learns, at least 1 (Hu et al. 2021).")]
    public int Rank { get; init; } = 8;

    [Setting("α: what is learnt counts α/r times (Hu et al. 2021, section 4.1).")]
    public double Alpha { get; init; } = 16;

    [Setting("Whether what is learnt counts α/√r times instead, so that high ranks learn as fast (Kalajdzievski 2023, \"rsLoRA\").")]
    public bool RankStabilized { get; init; }

    [Setting("The part of the inputs that is left out at random while training (Hu et al. 2021); in [0, 1).")]
    public double Dropout { get; init; }

    [Setting("The layers: all-linear (default: every one but the head), ends of names such as q_proj, self_attn.o_proj or attention.query, or regular expressions for whole names on disk.")]
    public IReadOnlyList<string> Targets { get; init; } = [AdapterTargets.AllLinear];

    [Setting("How many times as fast B learns as A (Hayou et al. 2024, \"LoRA+\", who advise 16).")]
    public double OutputRate { get; init; } = 1;

    [Setting("ada_lora: directions that each layer begins with (Zhang et al. 2023); rank is their mean number at the end.")]
    public int FirstRank { get; init; } = 12;

    [Setting("ada_lora: steps before the first direction is closed.")]
    public int BudgetWarmUp { get; init; }

    [Setting("ada_lora: steps at the end in which open directions stay the same.")]
    public int BudgetSettled { get; init; }

    [Setting("ada_lora: steps between two choices of directions.")]
    public int BudgetEvery { get; init; } = 10;

    [Setting("ada_lora: β₁ of the mean sensitivity (eq. 9); in [0, 1).")]
    public double SensitivityDecay { get; init; } = 0.85;

    [Setting("ada_lora: β₂ of the mean uncertainty (eq. 10); in [0, 1).")]
    public double UncertaintyDecay { get; init; } = 0.85;

    [Setting("ada_lora: weight γ of the penalty on directions that are not orthogonal (eq. 4); 0 for none.")]
    public double Orthogonality { get; init; } = 0.1;

    [Setting("qa_lora: neighbouring inputs that share one column of A (Xu et al. 2023). 32 by default, the block of Q4_1, into whose minima it then merges.")]
    public int Group { get; init; } = 32;

    [Setting("sora: λ of the L1 penalty that closes directions (Ding et al. 2023); 0 closes none.")]
    public double Sparsity { get; init; } = 0.1;

    [Setting("o_lora: weight of the penalty on overlap with earlier (Wang et al. 2023, eq. 8); 0 for none.")]
    public double Overlap { get; init; } = 0.5;

    [Setting("o_lora: folders of adapters learnt before, which stay as they are and are not attached.", IsPath = true)]
    public IReadOnlyList<string> Earlier { get; init; } = [];

    [Setting("long_lora: tokens of a group of attention while training (Chen et al. 2023, who take a quarter of a text).")]
    public int AttentionGroup { get; init; } = 2048;

    [Setting("prompt_tuning, p_tuning, prefix_tuning: tokens before each text; llama_adapter: rows of each layer (Zhang et al. 2023: 10).")]
    public int VirtualTokens { get; init; } = 20;

    [Setting("prompt_tuning: the text that virtual tokens begin as; null, the default, for tokens drawn from the vocabulary.")]
    public string? PromptText { get; init; }

    [Setting("p_tuning, prefix_tuning: features inside the network that gives the rows.")]
    public int EncoderWidth { get; init; } = 128;

    [Setting("llama_adapter: how many layers, from the last; null, the default, for all with attention.")]
    public int? AdaptedLayers { get; init; }

    [Setting("re_lora: steps between restarts (Lialin et al. 2023).")]
    public int RestartEvery { get; init; } = 1000;

    [Setting("re_lora: the part of the optimizer's memory that a restart sets to 0, its smallest numbers; in [0, 1].")]
    public double Forgotten { get; init; } = 0.99;

    /// <summary>What the first numbers are functions of: the run's seed. 0 by default.</summary>
    public ulong Seed { get; init; }

    /// <summary>s: how often what is learnt counts.</summary>
    /// <param name="rank">r.</param>
    internal float ScalingOf(int rank) => (float)(Alpha / (RankStabilized ? Math.Sqrt(rank) : rank));
}
