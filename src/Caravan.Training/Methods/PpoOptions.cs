namespace Caravan.Training;

/// <summary>How proximal policy optimization learns.</summary>
internal record PpoOptions : RewardedOptions
{
    /// <summary>Four passes over a round's answers, in four steps each.</summary>
    public PpoOptions() => (Epochs, Minibatches) = (4, 4);

    /// <summary>ε of the policy.</summary>
    [Setting("How far the ratio of new to old probability of a token counts beyond 1 (Schulman et al. 2017, eq. 7).", Least = 0.001)]
    public double ClipRange { get; init; } = new PpoPolicyLoss().ClipRange;

    /// <summary>ε of the critic.</summary>
    [Setting("How far a value may go from the old one in one round.", Least = 0.001)]
    public double ValueClipRange { get; init; } = new PpoValueLoss().ClipRange;

    /// <summary>Weight of the critic's loss.</summary>
    [Setting("Weight of the critic's loss beside the policy's.", Least = 0)]
    public double ValueWeight { get; init; } = 0.1;

    /// <summary>γ.</summary>
    [Setting("Discount of rewards to come; 1 for none.", Least = 0, Most = 1)]
    public double Discount { get; init; } = new GeneralizedAdvantage().Discount;

    /// <summary>λ of advantages.</summary>
    [Setting("Lambda of generalized advantage estimation (Schulman et al. 2016): 0 trusts the critic, 1 the rewards.", Least = 0, Most = 1)]
    public double Lambda { get; init; } = new GeneralizedAdvantage().Lambda;

    /// <summary>Price of leaving the reference model.</summary>
    [Setting("Price of a nat of KL divergence from the reference model, taken off the reward of each token; 0 for none.", Least = 0)]
    public double KlCoefficient { get; init; } = 0.05;

    /// <summary>Wanted divergence.</summary>
    [Setting("Divergence of an answer in nats that the price is moved to reach (Ziegler et al. 2019); absent for a price that stays.", Least = 0)]
    public double? KlTarget { get; init; }

    /// <summary>How leaving is measured.</summary>
    [Setting("How divergence is estimated from the token that was drawn (Schulman 2020).")]
    public KlEstimator KlEstimator { get; init; } = KlEstimator.K1;

    /// <summary>PPO-max: normalized rewards.</summary>
    [Setting("Whether rewards are brought to mean 0 and deviation 1 of all rewards so far (Zheng et al. 2023, PPO-max).")]
    public bool NormalizesRewards { get; init; }

    /// <summary>PPO-max: clipped rewards.</summary>
    [Setting("Largest absolute reward of an answer that counts, after normalization; absent for any.", Least = 0)]
    public double? RewardLimit { get; init; }

    /// <summary>PPO-max: the critic first.</summary>
    [Setting("Steps at the beginning in which the critic's head alone learns.", Least = 0)]
    public int CriticWarmupSteps { get; init; }

    /// <summary>PPO-ptx: texts beside.</summary>
    [Setting("Files of texts or conversations that are learnt beside, so that the model does not forget (Ouyang et al. 2022, PPO-ptx).", IsPath = true)]
    public IReadOnlyList<string> Pretraining { get; init; } = [];

    /// <summary>Their weight.</summary>
    [Setting("Weight of these texts in the loss.", Least = 0.0001)]
    public double PretrainingWeight { get; init; } = 1;

    /// <summary>The texts beside; null for none.</summary>
    public SideTexts? Texts(MethodContext context) => Pretraining.Count == 0 ? null : new SideTexts(context, Pretraining, PretrainingWeight, context.Data.Samples, "pretraining");
}

/// <summary>How safe reinforcement learning learns.</summary>
internal sealed record SafeRlhfOptions : PpoOptions
{
    /// <summary>What costs.</summary>
    [Setting("What answers cost: a list of rewards whose weighted sum is harmful where it is above the threshold.")]
    public IReadOnlyList<RewardSettings> Costs { get; init; } = [];

    /// <summary>d.</summary>
    [Setting("Cost above which answers are too harmful.")]
    public double CostThreshold { get; init; }

    /// <summary>The first λ.</summary>
    [Setting("Weight of costs beside rewards at the beginning.", Least = 0.0001)]
    public double Multiplier { get; init; } = 1;

    /// <summary>How soon λ moves.</summary>
    [Setting("How soon the weight of costs moves.", Least = 0)]
    public double MultiplierRate { get; init; } = 0.1;

    /// <summary>The largest λ.</summary>
    [Setting("Largest weight of costs.", Least = 0.0001)]
    public double MultiplierLimit { get; init; } = 10;
}
