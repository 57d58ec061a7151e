using System.Text.Json.Nodes;
using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// Proximal policy optimization of a language model (Schulman et al. 2017; Ziegler et al. 2019; Ouyang et al. 2022, section 3.5) with a critic's head on
/// the policy's rows and the tricks of PPO-max (Zheng et al. 2023). With costs it is Safe RLHF (Dai et al. 2024): another critic learns the costs, and a
/// Lagrange multiplier weighs their advantages against those of the rewards.
/// </summary>
internal sealed class Ppo : RoundMethod<PolicyAnswer>
{
    private readonly PpoOptions options;
    private readonly RewardedRollouts rollouts;
    private readonly AdaptiveKlController price;
    private readonly Critic[] critics;
    private readonly Reward? cost;
    private readonly LagrangeMultiplier? multiplier;

    /// <summary>The method.</summary>
    /// <param name="context">What every method is given; with a reference where leaving it has a price.</param>
    /// <param name="options">How; <see cref="SafeRlhfOptions"/> for costs.</param>
    /// <param name="setting">The method's section in the settings, for messages.</param>
    /// <exception cref="CaravanException">No reward or cost is named, or one cannot be made.</exception>
    public Ppo(MethodContext context, PpoOptions options, string setting = "ppo")
        : base(context, options, options.Texts(context))
    {
        this.options = options;
        rollouts = new RewardedRollouts(context, options, setting);
        price = new AdaptiveKlController(options.KlCoefficient, options.KlTarget);
        Model model = context.Policy.Model;
        if (options is SafeRlhfOptions safe)
        {
            cost = RewardCatalog.Sum(safe.Costs, context, $"{setting}.costs");
            multiplier = new LagrangeMultiplier(safe.Multiplier, safe.MultiplierRate, -safe.CostThreshold, safe.MultiplierLimit);
            critics = [new Critic(model, options, "reward", 0.5), new Critic(model, options, "cost", -0.5)];
        }
        else
        {
            critics = [new Critic(model, options, "reward", 1)];
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> OwnTensors => [.. critics.Select(critic => critic.Head.Weight)];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Evaluate(Pass pass) => rollouts.Evaluate(SeedOf(-1));

    /// <inheritdoc/>
    public override JsonObject Save()
    {
        JsonObject state = base.Save();
        state["price"] = price.Coefficient;
        state["multiplier"] = multiplier?.Value;
        foreach (Critic critic in critics) state[critic.Name] = critic.Save();
        return state;
    }

    /// <inheritdoc/>
    public override void Restore(JsonObject state)
    {
        base.Restore(state);
        price.Coefficient = (double)state["price"]!;
        if (multiplier is not null) multiplier.Value = (double)state["multiplier"]!;
        foreach (Critic critic in critics) critic.Restore(state[critic.Name]!.AsObject());
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        rollouts.Dispose();
        cost?.Dispose();
        foreach (Critic critic in critics) critic.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override IEnumerable<PolicyAnswer> Gather(int round, IReadOnlyList<PackedBatch> parts)
    {
        IReadOnlyList<RewardedGroup> groups = rollouts.Draw(parts, SeedOf(round), Observations);
        Answer[] answers = [.. groups.SelectMany(group => group.Answers)];
        if (answers.Length == 0) return [];
        List<double[]> scores = [[.. groups.SelectMany(group => group.Rewards)]];
        if (cost is not null) scores.Add(Costs(answers));
        EncodedSequence[] sequences = [.. answers.Select(answer => answer.Sequence)];
        (double[][] old, double[][][] values) = Judge(sequences);
        double[][] reference = Context.Reference?.LogProbabilities(Reading, sequences, Context.MicroBatchTokens) ?? [.. answers.Select(_ => (double[])[])];
        double[][] prepared = [.. critics.Select((critic, k) => critic.Prepared(scores[k]))];
        PolicyAnswer[] items = new PolicyAnswer[answers.Length];
        for (int i = 0; i < items.Length; i++)
        {
            (double[] Advantages, ValueEstimates Estimates)[] judged = [.. critics.Select((critic, k) => critic.Estimate(prepared[k][i], old[i], reference[i], values[k][i], price.Coefficient))];
            double[] advantages = multiplier is null ? judged[0].Advantages : [.. judged[0].Advantages.Zip(judged[1].Advantages, multiplier.Combine)];
            items[i] = new PolicyAnswer(answers[i].Prompt.Source.Origin.ToString(), sequences[i], old[i], advantages, [.. judged.Select(each => each.Estimates)]);
        }

        if (Context.Reference is not null) Pay(old, reference);
        return Whitened(items);
    }

    /// <inheritdoc/>
    protected override Tensor Loss(Pass pass, int step, IReadOnlyList<PolicyAnswer> part, IReadOnlyList<PolicyAnswer> batch)
    {
        Decoder decoder = Context.Policy.Model.Decoder;
        Batch ours = Context.Policy.Batch(part.Select(item => item.Sequence));
        Tensor rows = decoder.ScoredRows(pass, ours);
        double share = (double)part.Sum(item => item.Sequence.Counted) / batch.Sum(item => item.Sequence.Counted);
        bool policyLearns = step >= options.CriticWarmupSteps;
        Tensor? loss = null;
        for (int k = 0; k < critics.Length; k++)
        {
            Tensor values = critics[k].Head.Of(pass, policyLearns ? rows : pass.Workspace.View(rows.Shape, rows.Floats));
            LossAndGradient result = new PpoValueLoss(options.ValueClipRange).Evaluate(
                RowValues.Of(values), [.. part.SelectMany(item => item.Estimates[k].Values)], [.. part.SelectMany(item => item.Estimates[k].Returns)]);
            Observations.Add($"{critics[k].Name}_value_loss", result.Loss, result.Gradient.Length);
            double factor = share * options.ValueWeight;
            Tensor critique = Tensors.Ops.Objective.Forward(pass, values, factor * result.Loss, [.. result.Gradient.Select(slope => (float)(factor * slope))]);
            loss = loss is null ? critique : Tensors.Ops.Add.Forward(pass, loss, critique);
        }

        return policyLearns ? Tensors.Ops.Add.Forward(pass, loss!, PolicyLoss(pass, decoder.TokenLogProbabilities(pass, rows, ours, ours.Labels), part, share)) : loss!;
    }

    private Tensor PolicyLoss(Pass pass, Tensor logProbabilities, IReadOnlyList<PolicyAnswer> part, double share)
    {
        ScoredSequences policy = new(logProbabilities, [.. part.Select(item => item.Sequence.Counted)]);
        PolicyLossResult result = new PpoPolicyLoss(options.ClipRange).Evaluate(
            policy.Tokens(), [.. part.SelectMany(item => item.Old)], [.. part.SelectMany(item => item.Advantages)]);
        Observations.Add("clipped_share", result.ClippedShare, result.Gradient.Length);
        Observations.Add("old_divergence", result.OldKl, result.Gradient.Length);
        return policy.ObjectiveOfTokens(pass, share * result.Loss, [.. result.Gradient.Select(slope => share * slope)]);
    }

    /// <summary>What the policy and the critics think of answers: log π and V of each token, the values of each critic by themselves.</summary>
    private (double[][] LogProbabilities, double[][][] Values) Judge(EncodedSequence[] sequences)
    {
        Decoder decoder = Context.Policy.Model.Decoder;
        List<double[]> likely = [];
        List<double[]>[] values = [.. critics.Select(_ => new List<double[]>())];
        foreach (IReadOnlyList<EncodedSequence> some in Portions.Of(sequences, sequence => sequence.Tokens.Length, Context.MicroBatchTokens))
        {
            Reading.Reset();
            Batch batch = Context.Policy.Batch(some);
            Tensor rows = decoder.ScoredRows(Reading, batch);
            int[] lengths = [.. some.Select(sequence => sequence.Counted)];
            likely.AddRange(RowValues.Split(RowValues.Of(decoder.TokenLogProbabilities(Reading, rows, batch, batch.Labels)), lengths));
            for (int k = 0; k < critics.Length; k++) values[k].AddRange(RowValues.Split(RowValues.Of(critics[k].Head.Of(Reading, rows)), lengths));
        }

        Reading.Reset();
        return ([.. likely], [.. values.Select(each => each.ToArray())]);
    }

    private double[] Costs(Answer[] answers)
    {
        double[] costs = cost!.Score(answers);
        Observations.Add("cost", costs.Average(), costs.Length);
        Observations.Add("multiplier", multiplier!.Value);
        multiplier.Update(costs.Average());
        return costs;
    }

    /// <summary>Looks at how far the policy has gone, and moves the price for the next round.</summary>
    private void Pay(double[][] old, double[][] reference)
    {
        double divergence = old.Zip(reference, (own, other) => own.Sum() - other.Sum()).Average();
        Observations.Add("divergence", divergence);
        Observations.Add("kl_coefficient", price.Coefficient);
        price.Update(divergence);
    }

    private PolicyAnswer[] Whitened(PolicyAnswer[] items)
    {
        double[] all = [.. items.SelectMany(item => item.Advantages)];
        Observations.Add("advantage_spread", Math.Sqrt(all.Average(advantage => advantage * advantage)));
        Whitening.Apply(all);
        return [.. items.Zip(RowValues.Split(all, items.Select(item => item.Advantages.Length)), (item, advantages) => item with { Advantages = advantages })];
    }
}
