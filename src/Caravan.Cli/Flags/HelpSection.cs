using System.CommandLine;

namespace Caravan.Cli;

/// <summary>Options that the help lists below the usual ones.</summary>
/// <param name="Name">The section of the settings; empty for none.</param>
/// <param name="Title">What stands above them.</param>
/// <param name="Options">Hidden, so that the usual list does not name them.</param>
internal sealed record HelpSection(string Name, string Title, IReadOnlyList<Option> Options);
