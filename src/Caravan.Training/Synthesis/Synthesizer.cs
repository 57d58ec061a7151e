namespace Caravan.Training.Synthesis;

/// <summary>Makes samples: number n is a function of seed, skills, split and n alone, so any part of them can be made anywhere.</summary>
/// <param name="seed">What all choices follow from.</param>
/// <param name="split">What the samples are for.</param>
/// <param name="skills">What they teach.</param>
internal sealed class Synthesizer(ulong seed, Split split, IReadOnlyList<Skill> skills)
{
    /// <summary>How often a conversation goes on with another skill; what is held out is of one, so that each is measured by itself.</summary>
    private const double Continued = 0.2;

    /// <summary>Sample n as a conversation.</summary>
    public Conversation Conversation(long number)
    {
        Draw draw = DrawOf(number);
        Conversation conversation = OfOneSkill(draw);
        if (split == Split.Train && draw.Chance(Continued)) conversation.GoOn(OfOneSkill(draw));
        return conversation;
    }

    private Conversation OfOneSkill(Draw draw)
    {
        Skill skill = SkillOf(draw);
        Conversation conversation = new(skill.Name);
        skill.Converse(conversation, draw);
        return conversation;
    }

    /// <summary>Sample n as a text.</summary>
    public string Text(long number)
    {
        Draw draw = DrawOf(number);
        return SkillOf(draw).Text(draw);
    }

    private Draw DrawOf(long number)
    {
        SplitMix64 start = new(seed);
        return new Draw(new SplitMix64(start.Next() ^ (ulong)number).Next() + (ulong)split, split);
    }

    private Skill SkillOf(Draw draw)
    {
        double rest = draw.Below(1 << 20) * skills.Sum(skill => skill.Weight) / (1 << 20);
        foreach (Skill skill in skills)
        {
            rest -= skill.Weight;
            if (rest < 0) return skill;
        }

        return skills[^1];
    }
}
