using Caravan.Models;

namespace Caravan.Training;

/// <summary>Which adapter is learnt, and where.</summary>
internal sealed record AdapterOptions
{
    /// <summary>One of <see cref="AdapterKinds"/>: lora by default.</summary>
    public string Kind { get; init; } = "lora";

    /// <summary>r: directions that each layer learns, at least 1 (Hu et al. 2021). 8 by default.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>α: what is learnt counts α/r times (Hu et al. 2021, section 4.1). 16 by default.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Whether what is learnt counts α/√r times instead, so that high ranks learn as fast (Kalajdzievski 2023, "rsLoRA"). False by default.</summary>
    public bool RankStabilized { get; init; }

    /// <summary>The part of the inputs that is left out at random while training (Hu et al. 2021); in [0, 1). 0, none, by default.</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// The layers: <c>all-linear</c> (default: every one but the head), ends of names such as <c>q_proj</c>, <c>self_attn.o_proj</c> or
    /// <c>attention.query</c>, or regular expressions for whole names on disk.
    /// </summary>
    public IReadOnlyList<string> Targets { get; init; } = [AdapterTargets.AllLinear];

    /// <summary>How many times as fast B learns as A (Hayou et al. 2024, "LoRA+", who advise 16). 1 by default.</summary>
    public double OutputRate { get; init; } = 1;

    /// <summary>ada_lora: directions that each layer begins with (Zhang et al. 2023); <see cref="Rank"/> is their mean number at the end. 12 by default.</summary>
    public int FirstRank { get; init; } = 12;

    /// <summary>ada_lora: steps before the first direction is closed. 0 by default.</summary>
    public int BudgetWarmUp { get; init; }

    /// <summary>ada_lora: steps at the end in which open directions stay the same. 0 by default.</summary>
    public int BudgetSettled { get; init; }

    /// <summary>ada_lora: steps between two choices of directions. 10 by default.</summary>
    public int BudgetEvery { get; init; } = 10;

    /// <summary>ada_lora: β₁ of the mean sensitivity (eq. 9); in [0, 1). 0.85 by default.</summary>
    public double SensitivityDecay { get; init; } = 0.85;

    /// <summary>ada_lora: β₂ of the mean uncertainty (eq. 10); in [0, 1). 0.85 by default.</summary>
    public double UncertaintyDecay { get; init; } = 0.85;

    /// <summary>ada_lora: weight γ of the penalty on directions that are not orthogonal (eq. 4); 0 for none. 0.1 by default.</summary>
    public double Orthogonality { get; init; } = 0.1;

    /// <summary>qa_lora: neighbouring inputs that share one column of A (Xu et al. 2023). 32 by default, the block of Q4_1, into whose minima it then merges.</summary>
    public int Group { get; init; } = 32;

    /// <summary>sora: λ of the L1 penalty that closes directions (Ding et al. 2023); 0 closes none. 0.1 by default.</summary>
    public double Sparsity { get; init; } = 0.1;

    /// <summary>o_lora: weight of the penalty on overlap with <see cref="Earlier"/> (Wang et al. 2023, eq. 8); 0 for none. 0.5 by default.</summary>
    public double Overlap { get; init; } = 0.5;

    /// <summary>o_lora: folders of adapters learnt before, which stay as they are and are not attached. None by default.</summary>
    public IReadOnlyList<string> Earlier { get; init; } = [];

    /// <summary>long_lora: tokens of a group of attention while training (Chen et al. 2023, who take a quarter of a text). 2048 by default.</summary>
    public int AttentionGroup { get; init; } = 2048;

    /// <summary>prompt_tuning, p_tuning, prefix_tuning: tokens before each text; llama_adapter: rows of each layer (Zhang et al. 2023: 10). 20 by default.</summary>
    public int VirtualTokens { get; init; } = 20;

    /// <summary>prompt_tuning: the text that virtual tokens begin as; null, the default, for tokens drawn from the vocabulary.</summary>
    public string? PromptText { get; init; }

    /// <summary>p_tuning, prefix_tuning: features inside the network that gives the rows. 128 by default.</summary>
    public int EncoderWidth { get; init; } = 128;

    /// <summary>llama_adapter: how many layers, from the last; null, the default, for all with attention.</summary>
    public int? AdaptedLayers { get; init; }

    /// <summary>re_lora: steps between restarts (Lialin et al. 2023). 1000 by default.</summary>
    public int RestartEvery { get; init; } = 1000;

    /// <summary>re_lora: the part of the optimizer's memory that a restart sets to 0, its smallest numbers; in [0, 1]. 0.99 by default.</summary>
    public double Forgotten { get; init; } = 0.99;

    /// <summary>What the first numbers are functions of. 0 by default.</summary>
    public ulong Seed { get; init; }

    /// <summary>s: how often what is learnt counts.</summary>
    /// <param name="rank">r.</param>
    internal float ScalingOf(int rank) => (float)(Alpha / (RankStabilized ? Math.Sqrt(rank) : rank));
}
