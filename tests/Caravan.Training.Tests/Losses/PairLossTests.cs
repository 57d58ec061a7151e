using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Training.Tests;

public class PairLossTests
{
    private static readonly Dictionary<string, PairLoss> Losses = new()
    {
        ["dpo_sigmoid"] = new DpoLoss(),
        ["dpo_label_smoothing_0.1"] = new DpoLoss { LabelSmoothing = 0.1 },
        ["dpo_robust_0.1"] = new RobustDpoLoss { LabelSmoothing = 0.1 },
        ["dpo_hinge"] = new HingeLoss(),
        ["ipo"] = new IpoLoss(),
        ["ipo_sum"] = new IpoLoss { Averages = false },
        ["dpo_positive_lambda5"] = new DpopLoss { Lambda = 5 },
        ["kto_pair"] = new KtoPairLoss(),
        ["orpo"] = new OrpoLoss(),
        ["simpo"] = new SimPoLoss(),
        ["cpo"] = new CpoLoss(),
    };

    public static TheoryData<string> Names => [.. Losses.Keys];

    [FixtureTheory]
    [MemberData(nameof(Names))]
    public void LossesAndGradientsAreTheGoldenOnes(string name)
    {
        JsonElement golden = Golden.Open("preference_losses.json"), expected = golden.GetProperty(name);
        PairLossResult actual = Losses[name].Evaluate(Pairs(golden.GetProperty("inputs")));
        double[] losses = expected.Numbers("losses");
        // A pair of KTO is two responses, whose losses the fixture lists one after another.
        if (losses.Length > actual.Losses.Length) losses = [.. losses[..6].Zip(losses[6..], (chosen, rejected) => (chosen + rejected) / 2)];
        Golden.Equal(losses, actual.Losses);
        Golden.Equal(expected.Number("mean"), actual.Loss);
        Golden.Equal(expected.Numbers("grad_mean_wrt_policy_chosen"), actual.ChosenGradient);
        Golden.Equal(expected.Numbers("grad_mean_wrt_policy_rejected"), actual.RejectedGradient);
    }

    [FixtureFact]
    public void RewardsAreTheGoldenOnes()
    {
        JsonElement golden = Golden.Open("preference_losses.json"), expected = golden.GetProperty("dpo_sigmoid");
        PairLossResult actual = new DpoLoss().Evaluate(Pairs(golden.GetProperty("inputs")));
        Golden.Equal(expected.Numbers("chosen_rewards"), actual.ChosenRewards);
        Golden.Equal(expected.Numbers("rejected_rewards"), actual.RejectedRewards);
        Golden.Equal(expected.Number("reward_accuracy"), actual.Accuracy);
        Golden.Equal(expected.Number("reward_margin"), actual.Margin);
    }

    /// <summary>KTO's reference points are constants to its gradient; the golden numbers hold that one.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void GradientsAreSlopes(string name)
    {
        if (name == "kto_pair") return;
        Random random = new(1);
        ResponsePair[] pairs = [.. Enumerable.Range(0, 5).Select(_ => new ResponsePair(
            LogProbability(), LogProbability(), LogProbability(), LogProbability(), random.Next(1, 20), random.Next(1, 20)))];
        PairLossResult result = Losses[name].Evaluate(pairs);
        Slope.Check(
            [.. result.ChosenGradient, .. result.RejectedGradient],
            [.. pairs.Select(pair => pair.PolicyChosen), .. pairs.Select(pair => pair.PolicyRejected)],
            at => Losses[name].Evaluate([.. pairs.Select((pair, i) => pair with { PolicyChosen = at[i], PolicyRejected = at[i + 5] })]).Loss);

        double LogProbability() => -5 - (10 * random.NextDouble());
    }

    [Fact]
    public void LossesWithoutAReferenceDoNotReadIt()
    {
        foreach (PairLoss loss in Losses.Values)
        {
            ResponsePair pair = new(-3, -4, -5, -6.5, 3, 4), other = pair with { ReferenceChosen = -1, ReferenceRejected = -9 };
            Assert.Equal(loss.UsesReference, loss.Evaluate([pair]).Loss != loss.Evaluate([other]).Loss);
        }
    }

    [Fact]
    public void SpinIsItsFormula()
    {
        PairLossResult result = new SpinLoss { Beta = 0.5 }.Evaluate([new(-3, -4, -5, -6.5, 3, 4)]);
        Assert.Equal(Math.Log(1 + Math.Exp(-0.5 * (2 - 2.5))), result.Loss, 1e-12);
    }

    /// <summary>A response of probability 1 has infinite odds: the loss stays a number.</summary>
    [Fact]
    public void OrpoBearsCertainty()
    {
        PairLossResult result = new OrpoLoss().Evaluate([new ResponsePair(0, -100_000, 0, 0, 2, 2), new ResponsePair(-100_000, 0, 0, 0, 2, 2)]);
        Assert.All([.. result.Losses, .. result.ChosenGradient, .. result.RejectedGradient], number => Assert.True(double.IsFinite(number)));
    }

    [FixtureFact]
    public void RewardModelIsTheGoldenOne()
    {
        JsonElement golden = Golden.Open("preference_losses.json").GetProperty("reward_model");
        double[] chosen = golden.Numbers("chosen"), rejected = golden.Numbers("rejected"), margins = golden.Numbers("margins");
        PairLossResult plain = RewardModelLoss.Evaluate(chosen, rejected), spaced = RewardModelLoss.Evaluate(chosen, rejected, margins);
        Golden.Equal(golden.Number("loss"), plain.Loss);
        Golden.Equal(golden.Number("loss_with_margin"), spaced.Loss);
        Golden.Equal(golden.Number("accuracy"), plain.Accuracy);
        Slope.Check(
            [.. spaced.ChosenGradient, .. spaced.RejectedGradient], [.. chosen, .. rejected],
            at => RewardModelLoss.Evaluate(at[..6], at[6..], margins).Loss);
    }

    private static ResponsePair[] Pairs(JsonElement inputs)
    {
        double[] policyChosen = inputs.Numbers("policy_chosen_logps"), policyRejected = inputs.Numbers("policy_rejected_logps");
        double[] referenceChosen = inputs.Numbers("reference_chosen_logps"), referenceRejected = inputs.Numbers("reference_rejected_logps");
        double[] chosenLengths = inputs.Numbers("chosen_lengths"), rejectedLengths = inputs.Numbers("rejected_lengths");
        return [.. policyChosen.Select((_, i) => new ResponsePair(
            policyChosen[i], policyRejected[i], referenceChosen[i], referenceRejected[i], (int)chosenLengths[i], (int)rejectedLengths[i]))];
    }
}
