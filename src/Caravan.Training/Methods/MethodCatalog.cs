namespace Caravan.Training;

/// <summary>All methods by name.</summary>
internal static class MethodCatalog
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<MethodEntry> All { get; } =
    [
        new MethodEntry<NoOptions>(
            "pretrain", "Every token of plain texts is predicted from those before it.", "Radford et al. 2018, GPT", SampleKind.Texts, (context, _) => new LanguageModeling(context)),
        new MethodEntry<ReplayOptions>(
            "continual_pretrain", "Pretraining that goes on with other texts, among which old ones are replayed.", "Ibrahim et al. 2024", SampleKind.Texts,
            (context, options) => new LanguageModeling(context, options.Texts(context))),
        new MethodEntry<NoOptions>(
            "sft", "Supervised fine-tuning: the answers of conversations are predicted.", "Ouyang et al. 2022, InstructGPT", SampleKind.Conversations, (context, _) => new LanguageModeling(context)),
        new MethodEntry<SteerLmOptions>(
            "steerlm", "Fine-tuning on answers whose ratings stand in the prompt, so that good ones can be asked for.", "Dong et al. 2023, SteerLM", SampleKind.RatedConversations,
            (context, _) => new LanguageModeling(context)) { Changes = options => options.Rewrite },
        new MethodEntry<RewardModelOptions>(
            "reward_model", "A head learns to score answers so that preferred ones score higher.", "Stiennon et al. 2020; Ouyang et al. 2022", SampleKind.Preferences,
            (context, options) => new RewardModeling(context, options)),
        Pairs<DpoLoss>("dpo", "Preferred answers become likelier than the others, measured against the model before.", "Rafailov et al. 2023"),
        Pairs<IpoLoss>("ipo", "Preferred answers are led to a fixed distance from the others.", "Azar et al. 2023"),
        Pairs<HingeLoss>("hinge", "DPO with a hinge: pairs that are far enough apart no longer count.", "Zhao et al. 2023, SLiC-HF"),
        Pairs<RobustDpoLoss>("robust_dpo", "DPO that allows for a known share of wrong labels.", "Chowdhury et al. 2024"),
        Pairs<DpopLoss>("dpop", "DPO that also keeps preferred answers from becoming less likely.", "Pal et al. 2024, Smaug"),
        Pairs<OrpoLoss>("orpo", "Preferred answers are learnt while the odds of the others fall, without a reference.", "Hong et al. 2024"),
        Pairs<SimPoLoss>("simpo", "Preferred answers lead by a margin in likelihood by token, without a reference.", "Meng et al. 2024"),
        Pairs<CpoLoss>("cpo", "DPO without a reference beside the likelihood of preferred answers.", "Xu et al. 2024"),
        new MethodEntry<SpinOptions>(
            "spin", "Self-play: the data's answers against those of the model as it was a round before.", "Chen et al. 2024", SampleKind.AnsweredConversations,
            (context, options) => new Spin(context, options)),
        new MethodEntry<KtoLoss>(
            "kto", "Answers that are wanted or not, without pairs.", "Ethayarajh et al. 2024", SampleKind.LabelledAnswers, (context, loss) => new KtoMethod(context, loss)) { Holds = _ => true },
        new MethodEntry<RrhfLoss>(
            "rrhf", "Rated answers are ranked by likelihood and the best is learnt.", "Yuan et al. 2023", SampleKind.RankedAnswers, (context, loss) => new RrhfMethod(context, loss)),
        new MethodEntry<RaftOptions>(
            "raft", "Of several answers to each prompt the best rewarded are learnt: best of n.", "Dong et al. 2023, RAFT", SampleKind.Prompts, (context, options) => new Raft(context, options)),
        new MethodEntry<PpoOptions>(
            "ppo", "Rewarded answers become likelier by small, clipped steps, with a critic.", "Schulman et al. 2017; Ouyang et al. 2022; Zheng et al. 2023", SampleKind.Prompts,
            (context, options) => new Ppo(context, options)) { Holds = Pays },
        new MethodEntry<GrpoOptions>(
            "grpo", "PPO without a critic: several answers to a prompt are measured against each other.", "Shao et al. 2024, DeepSeekMath", SampleKind.Prompts,
            (context, options) => new Grpo(context, options)) { Holds = options => options.Loss.Beta > 0 },
        new MethodEntry<RlooOptions>(
            "rloo", "REINFORCE, where the other answers to a prompt are the baseline.", "Ahmadian et al. 2024", SampleKind.Prompts,
            (context, options) => new Rloo(context, options)) { Holds = options => options.Beta > 0 },
        new MethodEntry<RlaifOptions>(
            "rlaif", "REINFORCE with the ratings of a judge model in place of people.", "Lee et al. 2023", SampleKind.Prompts,
            (context, options) => new Rloo(context, options.Judged(), "rlaif")) { Holds = options => options.Beta > 0 },
        new MethodEntry<SafeRlhfOptions>(
            "safe_rlhf", "PPO for rewards as long as costs stay below a limit, by a Lagrange multiplier.", "Dai et al. 2024", SampleKind.Prompts,
            (context, options) => new Ppo(context, options, "safe_rlhf")) { Holds = Pays },
        new MethodEntry<RltfOptions>(
            "rltf", "Group relative policy optimization with rewards from unit tests that a command of yours runs.", "Liu et al. 2023", SampleKind.Prompts,
            (context, options) => new Grpo(context, options.Tested(), "rltf")) { Holds = options => options.Loss.Beta > 0 },
        new MethodEntry<DistillationOptions>(
            "distillation", "A teacher's distribution of every token is learnt.", "Hinton et al. 2015", SampleKind.Conversations, (context, options) => new Distillation(context, options)),
        new MethodEntry<SequenceDistillationOptions>(
            "sequence_distillation", "A teacher's answers are learnt.", "Kim and Rush 2016", SampleKind.Prompts, (context, options) => new SequenceDistillation(context, options)),
        new MethodEntry<WeakToStrongOptions>(
            "weak_to_strong", "A weak teacher's likeliest tokens are learnt, but for where the student is sure of others.", "Burns et al. 2023", SampleKind.Conversations,
            (context, options) => new WeakToStrong(context, options)),
        new MethodEntry<UnlearningOptions>(
            "unlearning", "What the data says is forgotten while other texts are retained.", "Jang et al. 2023; Zhang et al. 2024, NPO", SampleKind.Conversations,
            (context, options) => new Unlearning(context, options)) { Holds = options => options.Loss == ForgettingLoss.Npo },
    ];

    /// <summary>The method of that name.</summary>
    /// <exception cref="CaravanException">There is none.</exception>
    public static MethodEntry Named(string name)
    {
        string[] known = [.. All.Select(entry => entry.Name)];
        return All.FirstOrDefault(entry => entry.Name == name)
            ?? throw new CaravanException($"There is no method '{name}'; {string.Join(", ", known)} are known.{Suggestion.DidYouMean(name, known)}");
    }

    private static bool Pays(PpoOptions options) => options.KlCoefficient > 0;

    private static MethodEntry<TLoss> Pairs<TLoss>(string name, string summary, string paper)
        where TLoss : PairLoss, new() =>
        new(name, summary, paper, SampleKind.Preferences, (context, loss) => new PairMethod(context, loss)) { Holds = loss => loss.UsesReference };
}
