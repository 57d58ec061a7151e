using Caravan.Models;

namespace Caravan.Training;

/// <summary>Which adapter is learnt, and where.</summary>
internal sealed record AdapterOptions
{
    [Setting("Which: lora (Hu et al. 2021), dora, ada_lora, qa_lora, sora, o_lora, glora, re_lora, long_lora, prompt_tuning, p_tuning, p_tuning_lstm, prefix_tuning, p_tuning_v2 or llama_adapter.", IsShorthand = true)]
    public string Kind { get; init; } = "lora";

    [Setting("Directions r that each layer learns (Hu et al. 2021).", Least = 1, Most = 65_536)]
    public int Rank { get; init; } = 8;

    [Setting("What is learnt counts α/r times (Hu et al. 2021, section 4.1).")]
    public double Alpha { get; init; } = 16;

    [Setting("Whether what is learnt counts α/√r times instead, so that high ranks learn as fast (Kalajdzievski 2023, rsLoRA).")]
    public bool RankStabilized { get; init; }

    [Setting("The part of the inputs that is left out at random while training (Hu et al. 2021); less than 1, 0 for none.", Least = 0, Most = 1)]
    public double Dropout { get; init; }

    [Setting("The layers: all-linear (the default: every one but the head), ends of names such as q_proj, self_attn.o_proj or attention.query, or regular expressions for whole names on disk.")]
    public IReadOnlyList<string> Targets { get; init; } = [AdapterTargets.AllLinear];

    [Setting("How many times as fast B learns as A; 1 for as fast (Hayou et al. 2024, LoRA+, who advise 16).", Least = 0)]
    public double OutputRate { get; init; } = 1;

    [Setting("ada_lora: directions that each layer begins with (Zhang et al. 2023); rank is their mean number at the end.", Least = 1, Most = 65_536)]
    public int FirstRank { get; init; } = 12;

    [Setting("ada_lora: steps before the first direction is closed.", Least = 0)]
    public int BudgetWarmUp { get; init; }

    [Setting("ada_lora: steps at the end in which open directions stay the same.", Least = 0)]
    public int BudgetSettled { get; init; }

    [Setting("ada_lora: steps between two choices of directions.", Least = 1)]
    public int BudgetEvery { get; init; } = 10;

    [Setting("ada_lora: β₁ of the mean sensitivity (eq. 9); less than 1.", Least = 0, Most = 1)]
    public double SensitivityDecay { get; init; } = 0.85;

    [Setting("ada_lora: β₂ of the mean uncertainty (eq. 10); less than 1.", Least = 0, Most = 1)]
    public double UncertaintyDecay { get; init; } = 0.85;

    [Setting("ada_lora: weight γ of the penalty on directions that are not orthogonal (eq. 4); 0 for none.", Least = 0)]
    public double Orthogonality { get; init; } = 0.1;

    [Setting("qa_lora: neighbouring inputs that share one column of A (Xu et al. 2023); 32, the block of Q4_1, merges into its minima.", Least = 1)]
    public int Group { get; init; } = 32;

    [Setting("sora: λ of the L1 penalty that closes directions (Ding et al. 2023); 0 closes none.", Least = 0)]
    public double Sparsity { get; init; } = 0.1;

    [Setting("o_lora: weight of the penalty on overlap with earlier adapters (Wang et al. 2023, eq. 8); 0 for none.", Least = 0)]
    public double Overlap { get; init; } = 0.5;

    [Setting("o_lora: folders of adapters learnt before, which stay as they are and are not attached.", IsPath = true)]
    public IReadOnlyList<string> Earlier { get; init; } = [];

    [Setting("long_lora: tokens of a group of attention while training (Chen et al. 2023, who take a quarter of a text).", Least = 2)]
    public int AttentionGroup { get; init; } = 2048;

    [Setting("prompt_tuning, p_tuning, prefix_tuning: tokens before each text; llama_adapter: rows of each layer (Zhang et al. 2023: 10).", Least = 1, Most = 65_536)]
    public int VirtualTokens { get; init; } = 20;

    [Setting("prompt_tuning: the text that virtual tokens begin as; tokens drawn from the vocabulary when absent.")]
    public string? PromptText { get; init; }

    [Setting("p_tuning, prefix_tuning: features inside the network that gives the rows.", Least = 1, Most = 65_536)]
    public int EncoderWidth { get; init; } = 128;

    [Setting("llama_adapter: how many layers, from the last; all with attention when absent.", Least = 1)]
    public int? AdaptedLayers { get; init; }

    [Setting("re_lora: steps between restarts (Lialin et al. 2023).", Least = 1)]
    public int RestartEvery { get; init; } = 1000;

    [Setting("re_lora: the part of the optimizer's memory that a restart sets to 0, its smallest numbers.", Least = 0, Most = 1)]
    public double Forgotten { get; init; } = 0.99;

    /// <summary>What the first numbers are functions of. 0 by default.</summary>
    public ulong Seed { get; init; }

    /// <summary>s: how often what is learnt counts.</summary>
    /// <param name="rank">r.</param>
    internal float ScalingOf(int rank) => (float)(Alpha / (RankStabilized ? Math.Sqrt(rank) : rank));
}
