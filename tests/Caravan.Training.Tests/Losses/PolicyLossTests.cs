using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Training.Tests;

/// <summary>PPO, GRPO and RLOO: what the fixture pads is packed here, one response after another.</summary>
public class PolicyLossTests
{
    [FixtureFact]
    public void RewardsAreTheGoldenOnes()
    {
        JsonElement golden = Golden.Open("ppo.json"), inputs = golden.GetProperty("inputs");
        double[][] old = Packed(inputs, "old_logps"), reference = Packed(inputs, "ref_logps"), expected = Packed(golden, "rewards");
        for (int row = 0; row < old.Length; row++)
        {
            Golden.Equal(
                expected[row], new KlShapedRewards().Of(old[row], reference[row], inputs.Numbers("scores")[row], inputs.Number("kl_coef")));
        }
    }

    [FixtureTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AdvantagesAndLossesAreTheGoldenOnes(int index)
    {
        JsonElement golden = Golden.Open("ppo.json"), inputs = golden.GetProperty("inputs"), expected = golden.GetProperty("cases")[index];
        double[][] rewards = Packed(golden, "rewards"), values = Packed(inputs, "old_values");
        List<double> allAdvantages = [], allReturns = [];
        for (int row = 0; row < rewards.Length; row++)
        {
            double[] advantages = new double[rewards[row].Length], returns = new double[rewards[row].Length];
            new GeneralizedAdvantage(expected.Number("gamma"), expected.Number("lam")).Estimate(rewards[row], values[row], advantages, returns);
            allAdvantages.AddRange(advantages);
            allReturns.AddRange(returns);
        }

        Golden.Equal(Flat(expected, "advantages"), allAdvantages);
        Golden.Equal(Flat(expected, "returns"), allReturns);
        double[] whitened = [.. allAdvantages];
        Whitening.Apply(whitened);
        Golden.Equal(Flat(expected, "whitened_advantages"), whitened);
        CheckLosses(inputs, expected.GetProperty("losses_raw_advantages"), [.. allAdvantages], [.. allReturns]);
        CheckLosses(inputs, expected.GetProperty("losses_whitened_advantages"), whitened, [.. allReturns]);
    }

    [FixtureFact]
    public void GroupAdvantagesAndEstimatesAreTheGoldenOnes()
    {
        JsonElement golden = Golden.Open("ppo.json"), grpo = golden.GetProperty("grpo"), rloo = golden.GetProperty("reinforce_rloo");
        double[][] rewards = grpo.Rows("group_rewards");
        for (int group = 0; group < rewards.Length; group++)
        {
            Golden.Equal(grpo.Rows("advantages")[group], GroupAdvantage.Normalized(rewards[group]));
            Golden.Equal(rloo.Rows("advantages")[group], GroupAdvantage.LeaveOneOut(rewards[group]));
        }

        Assert.Equal([0.5, -0.5], GroupAdvantage.Normalized([2, 1], divides: false));
        JsonElement inputs = golden.GetProperty("inputs");
        double[] policy = [.. inputs.Rows("new_logps").SelectMany(row => row)], reference = [.. inputs.Rows("ref_logps").SelectMany(row => row)];
        Golden.Equal([.. grpo.Rows("k3_kl").SelectMany(row => row)], [.. policy.Zip(reference, (p, r) => KlEstimator.K3.Value(p, r))]);
    }

    [Theory]
    [InlineData(KlEstimator.K1)]
    [InlineData(KlEstimator.K2)]
    [InlineData(KlEstimator.K3)]
    internal void EstimatesAgreeWhereModelsAreNearAndSlopesAreTheirs(KlEstimator estimator)
    {
        Slope.Check([estimator.Slope(-1.5, -1.1)], [-1.5], at => estimator.Value(at[0], -1.1));
        Assert.Equal(0, estimator.Value(-2, -2));
        // Each is without bias, or nearly: the mean over a distribution is the divergence from one that is near.
        double[] p = [0.5, 0.3, 0.2], q = [0.49, 0.29, 0.22];
        double divergence = Mean(token => Math.Log(p[token] / q[token]));
        Assert.Equal(divergence, Mean(token => estimator.Value(Math.Log(p[token]), Math.Log(q[token]))), 0.1 * divergence);

        double Mean(Func<int, double> value) => p.Select((probability, token) => probability * value(token)).Sum();
    }

    public static TheoryData<string, double> Averagings => new() { { "Responses", 0.04 }, { "Tokens", 0.5 }, { "FixedLength", 0 } };

    [Theory]
    [MemberData(nameof(Averagings))]
    public void GrpoIsItsFormulaAndItsGradientTheSlope(string averaging, double beta)
    {
        GrpoLoss loss = new() { Beta = beta, Averaging = Enum.Parse<TokenAveraging>(averaging), FixedLength = 8 };
        double[] policy = [-1, -2, -1.5, -0.1, -3], old = [-1.5, -1.7, -1.6, -0.15, -2.9], reference = [-1.2, -2.4, -1, -0.2, -3.5], advantages = [0.7, -1.1];
        int[] lengths = [2, 3];
        PolicyLossResult result = loss.Evaluate(policy, old, beta == 0 ? [] : reference, lengths, advantages);
        double[] terms = [.. policy.Select((p, t) =>
        {
            double ratio = Math.Exp(p - old[t]), advantage = advantages[t < 2 ? 0 : 1], gap = reference[t] - p;
            return (beta * (Math.Exp(gap) - gap - 1)) - Math.Min(ratio * advantage, Math.Clamp(ratio, 0.8, 1.2) * advantage);
        })];
        double expected = averaging switch
        {
            "Responses" => (terms[..2].Average() + terms[2..].Average()) / 2,
            "Tokens" => terms.Average(),
            _ => terms.Sum() / 16,
        };
        Assert.Equal(expected, result.Loss, 1e-12);
        // Only the first token's ratio, e^0.5, is clipped: its advantage is positive.
        Assert.Equal(0.2, result.ClippedShare);
        Slope.Check(result.Gradient, policy, at => loss.Evaluate(at, old, beta == 0 ? [] : reference, lengths, advantages).Loss);
    }

    [Fact]
    public void ReinforceIsItsFormulaAndItsGradientTheSlope()
    {
        double[] policy = [-10, -12, -7], advantages = [1, -0.5, 2];
        LossAndGradient result = ReinforceLoss.Evaluate(policy, advantages);
        Assert.Equal((10 - 6 + 14) / 3.0, result.Loss, 1e-12);
        Slope.Check(result.Gradient, policy, at => ReinforceLoss.Evaluate(at, advantages).Loss);
    }

    private static void CheckLosses(JsonElement inputs, JsonElement expected, double[] advantages, double[] returns)
    {
        double[] policy = Flat(inputs, "new_logps"), old = Flat(inputs, "old_logps"), values = Flat(inputs, "new_values"), oldValues = Flat(inputs, "old_values");
        double[] mask = [.. inputs.Rows("mask").SelectMany(row => row)];
        PolicyLossResult result = new PpoPolicyLoss(inputs.Number("clip_range")).Evaluate(policy, old, advantages);
        LossAndGradient value = new PpoValueLoss(inputs.Number("value_clip_range")).Evaluate(values, oldValues, returns);
        double valueWeight = inputs.Number("vf_coef");
        Golden.Equal(expected.Number("policy_loss"), result.Loss);
        Golden.Equal(expected.Number("value_loss"), value.Loss);
        Golden.Equal(expected.Number("total_loss"), result.Loss + (valueWeight * value.Loss));
        Golden.Equal(expected.Number("clip_fraction"), result.ClippedShare);
        Golden.Equal(expected.Number("approx_kl_half_squared"), result.OldKlSquared);
        Golden.Equal(expected.Number("approx_kl_k1"), result.OldKl);
        Golden.Equal(Unpadded("grad_new_logps"), result.Gradient);
        Golden.Equal(Unpadded("grad_new_values"), [.. value.Gradient.Select(slope => valueWeight * slope)]);
        Slope.Check(result.Gradient, policy, at => new PpoPolicyLoss(inputs.Number("clip_range")).Evaluate(at, old, advantages).Loss);
        Slope.Check(value.Gradient, values, at => new PpoValueLoss(inputs.Number("value_clip_range")).Evaluate(at, oldValues, returns).Loss);

        double[] Unpadded(string name) => [.. expected.Rows(name).SelectMany(row => row).Where((_, i) => mask[i] == 1)];
    }

    private static double[] Flat(JsonElement element, string name) => [.. Packed(element, name).SelectMany(row => row)];

    /// <summary>The rows without their padding: 7, 5 and 4 tokens.</summary>
    private static double[][] Packed(JsonElement element, string name)
    {
        int[] lengths = [7, 5, 4];
        return [.. element.Rows(name).Select((row, i) => row[..lengths[i]])];
    }
}
