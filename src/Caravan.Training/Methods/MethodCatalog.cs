namespace Caravan.Training;

/// <summary>All methods by name.</summary>
internal static class MethodCatalog
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<MethodRow> All { get; } =
    [
        new("pretrain", "Every token of plain texts is predicted from those before it.", "Radford et al. 2018, GPT", SampleKind.Texts, (_, context) => new LanguageModeling(context)),
        MethodRow.With(
            "continual_pretrain", "Pretraining that goes on with other texts, among which old ones are replayed.", "Ibrahim et al. 2024", SampleKind.Texts, settings => settings.ContinualPretrain,
            (context, options) => new LanguageModeling(context, options.Texts(context))),
        new("sft", "Supervised fine-tuning: the answers of conversations are predicted.", "Ouyang et al. 2022, InstructGPT", SampleKind.Conversations, (_, context) => new LanguageModeling(context)),
        MethodRow.With(
            "steerlm", "Fine-tuning on answers whose ratings stand in the prompt, so that good ones can be asked for.", "Dong et al. 2023, SteerLM", SampleKind.RatedConversations, settings => settings.Steerlm,
            (context, _) => new LanguageModeling(context)) with { Rewrite = settings => settings.Steerlm.Rewrite },
        MethodRow.With(
            "reward_model", "A head learns to score answers so that preferred ones score higher.", "Stiennon et al. 2020; Ouyang et al. 2022", SampleKind.Preferences, settings => settings.RewardModel,
            (context, options) => new RewardModeling(context, options)),
        Pairs("dpo", "Preferred answers become likelier than the others, measured against the model before.", "Rafailov et al. 2023", settings => settings.Dpo),
        Pairs("ipo", "Preferred answers are led to a fixed distance from the others.", "Azar et al. 2023", settings => settings.Ipo),
        Pairs("hinge", "DPO with a hinge: pairs that are far enough apart no longer count.", "Zhao et al. 2023, SLiC-HF", settings => settings.Hinge),
        Pairs("robust_dpo", "DPO that allows for a known share of wrong labels.", "Chowdhury et al. 2024", settings => settings.RobustDpo),
        Pairs("dpop", "DPO that also keeps preferred answers from becoming less likely.", "Pal et al. 2024, Smaug", settings => settings.Dpop),
        Pairs("orpo", "Preferred answers are learnt while the odds of the others fall, without a reference.", "Hong et al. 2024", settings => settings.Orpo),
        Pairs("simpo", "Preferred answers lead by a margin in likelihood by token, without a reference.", "Meng et al. 2024", settings => settings.Simpo),
        Pairs("cpo", "DPO without a reference beside the likelihood of preferred answers.", "Xu et al. 2024", settings => settings.Cpo),
        MethodRow.With(
            "spin", "Self-play: the data's answers against those of the model as it was a round before.", "Chen et al. 2024", SampleKind.AnsweredConversations, settings => settings.Spin,
            (context, options) => new Spin(context, options)),
        MethodRow.With(
            "kto", "Answers that are wanted or not, without pairs.", "Ethayarajh et al. 2024", SampleKind.LabelledAnswers, settings => settings.Kto,
            (context, loss) => new KtoMethod(context, loss), _ => true),
        MethodRow.With(
            "rrhf", "Rated answers are ranked by likelihood and the best is learnt.", "Yuan et al. 2023", SampleKind.RankedAnswers, settings => settings.Rrhf,
            (context, loss) => new RrhfMethod(context, loss)),
        MethodRow.With(
            "raft", "Of several answers to each prompt the best rewarded are learnt: best of n.", "Dong et al. 2023, RAFT", SampleKind.Prompts, settings => settings.Raft,
            (context, options) => new Raft(context, options)),
        MethodRow.With(
            "ppo", "Rewarded answers become likelier by small, clipped steps, with a critic.", "Schulman et al. 2017; Ouyang et al. 2022; Zheng et al. 2023", SampleKind.Prompts, settings => settings.Ppo,
            (context, options) => new Ppo(context, options), Pays),
        MethodRow.With(
            "grpo", "PPO without a critic: several answers to a prompt are measured against each other.", "Shao et al. 2024, DeepSeekMath", SampleKind.Prompts, settings => settings.Grpo,
            (context, options) => new Grpo(context, options), options => options.Loss.Beta > 0),
        MethodRow.With(
            "rloo", "REINFORCE, where the other answers to a prompt are the baseline.", "Ahmadian et al. 2024", SampleKind.Prompts, settings => settings.Rloo,
            (context, options) => new Rloo(context, options), options => options.Beta > 0),
        MethodRow.With(
            "rlaif", "REINFORCE with the ratings or comparisons of a judge model in place of people.", "Lee et al. 2023", SampleKind.Prompts, settings => settings.Rlaif,
            (context, options) => new Rloo(context, options.Judged(), "rlaif"), options => options.Beta > 0),
        MethodRow.With(
            "safe_rlhf", "PPO for rewards as long as costs stay below a limit, by a Lagrange multiplier.", "Dai et al. 2024", SampleKind.Prompts, settings => settings.SafeRlhf,
            (context, options) => new Ppo(context, options, "safe_rlhf"), Pays),
        MethodRow.With(
            "rltf", "Group relative policy optimization with rewards from unit tests that a command of yours runs.", "Liu et al. 2023", SampleKind.Prompts, settings => settings.Rltf,
            (context, options) => new Grpo(context, options.Tested(), "rltf"), options => options.Loss.Beta > 0),
        MethodRow.With(
            "distillation", "A teacher's distribution of every token is learnt.", "Hinton et al. 2015", SampleKind.Conversations, settings => settings.Distillation,
            (context, options) => new Distillation(context, options)),
        MethodRow.With(
            "sequence_distillation", "A teacher's answers are learnt.", "Kim and Rush 2016", SampleKind.Prompts, settings => settings.SequenceDistillation,
            (context, options) => new SequenceDistillation(context, options)),
        MethodRow.With(
            "weak_to_strong", "A weak teacher's likeliest tokens are learnt, but for where the student is sure of others.", "Burns et al. 2023", SampleKind.Conversations, settings => settings.WeakToStrong,
            (context, options) => new WeakToStrong(context, options)),
        MethodRow.With(
            "unlearning", "What the data says is forgotten while other texts are retained.", "Jang et al. 2023; Zhang et al. 2024, NPO", SampleKind.Conversations, settings => settings.Unlearning,
            (context, options) => new Unlearning(context, options), options => options.Loss == ForgettingLoss.Npo),
    ];

    /// <summary>The method of that name.</summary>
    /// <exception cref="CaravanException">There is none.</exception>
    public static MethodRow Named(string name)
    {
        string[] known = [.. All.Select(entry => entry.Name)];
        return All.FirstOrDefault(entry => entry.Name == name)
            ?? throw new CaravanException($"There is no method '{name}'; {string.Join(", ", known)} are known.{Suggestion.DidYouMean(name, known)}");
    }

    private static bool Pays(PpoOptions options) => options.KlCoefficient > 0;

    private static MethodRow Pairs<TLoss>(string name, string summary, string paper, Func<TrainingSettings, TLoss> section)
        where TLoss : PairLoss =>
        MethodRow.With(name, summary, paper, SampleKind.Preferences, section, (context, loss) => new PairMethod(context, loss), loss => loss.UsesReference);
}
