using System.Text.RegularExpressions;

namespace Caravan.Training.Tests;

public partial class MethodCatalogTests
{
    [Fact]
    public void NamesAreWordsAndStandOnce()
    {
        Assert.All(MethodCatalog.All, row => Assert.Matches(Words(), row.Name));
        Assert.Equal(MethodCatalog.All.Count, MethodCatalog.All.DistinctBy(row => row.Name).Count());
        Assert.All(RewardCatalog.All, entry => Assert.Matches(Words(), entry.Name));
        Assert.Equal(RewardCatalog.All.Count, RewardCatalog.All.DistinctBy(entry => entry.Name).Count());
    }

    [Fact]
    public void OptionsAreTheSectionOfTheSameName()
    {
        SettingSchema settings = new(typeof(TrainingSettings));
        foreach (MethodRow row in MethodCatalog.All)
        {
            Setting? section = settings.Settings.FirstOrDefault(setting => setting.Key == row.Name);
            Assert.Equal(row.Options, section?.ValueType);
            if (row.Options is not null) Assert.True(section!.IsSection, $"{row.Name} has no settings");
        }
    }

    [Fact]
    public void EveryLossOfPairsHasAMethod()
    {
        IEnumerable<Type> losses = typeof(PairLoss).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(PairLoss)));
        IEnumerable<Type> used = MethodCatalog.All.Select(row => row.Options!).Append(typeof(SpinLoss));
        // KTO over pairs is a convention for data that KTO itself takes as labelled answers.
        Assert.Empty(losses.Except(used).Except([typeof(KtoPairLoss)]));
    }

    [Fact]
    public void WhatIsMeantIsGuessed()
    {
        CaravanException failure = Assert.Throws<CaravanException>(() => MethodCatalog.Named("rewardmodel"));
        Assert.EndsWith("Did you mean 'reward_model'?", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dpo", true)]
    [InlineData("simpo", false)]
    [InlineData("sft", false)]
    [InlineData("ppo", true)]
    [InlineData("kto", true)]
    public void OnlyMethodsThatHoldOnToTheModelAskForAReference(string name, bool asks) =>
        Assert.Equal(asks, MethodCatalog.Named(name).NeedsReference(new TrainingSettings()));

    [GeneratedRegex("^[a-z]+(_[a-z]+)*$")]
    private static partial Regex Words();
}
