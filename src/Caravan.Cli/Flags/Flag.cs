using System.CommandLine;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Caravan.Cli;

/// <summary>Makes options whose mistakes are told in plain words.</summary>
internal static class Flag
{
    /// <summary>An option that is there or not.</summary>
    public static Option<bool> Switch(string name, string description) => new(name) { Description = description };

    /// <summary>An option with a text; null when absent.</summary>
    public static Option<string?> Text(string name, string valueName, string description) =>
        new(name) { Description = description, HelpName = valueName };

    /// <summary>An option that may be given several times.</summary>
    public static Option<string[]> Texts(string name, string valueName, string description) =>
        new(name) { Description = description, HelpName = valueName, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };

    /// <summary>An option with a number; null when absent, so that whoever reads it states the default.</summary>
    public static Option<T?> Number<T>(string name, string valueName, string description)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = valueName,
            CustomParser = result =>
            {
                string word = result.Tokens[0].Value;
                bool whole = T.IsZero(T.One / (T.One + T.One));
                NumberStyles style = whole ? NumberStyles.AllowLeadingSign : NumberStyles.Float;
                if (T.TryParse(word, style, CultureInfo.InvariantCulture, out T value)) return value;
                result.AddError($"{name} takes a {(whole ? "whole " : "")}number{(whole ? $" of at most {Unsafe.SizeOf<T>() * 8} bits" : "")}, not '{word}'.");
                return null;
            },
        };
}
